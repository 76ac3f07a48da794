// SPDX-License-Identifier: GPL-2.0-only
//
// Plots as a test reads them.

/** Texts and attributes of a document; throws if its tags do not match. */
export function parse(svg: string): { tags: string[]; texts: string[] } {
  const open: string[] = [];
  const tags: string[] = [];
  const texts: string[] = [];
  let rest = svg;
  while (rest.trim() !== "") {
    const tag = /^<(\/?)([a-z]+)((?: [a-zA-Z0-9:-]+="[^"<&]*")*)(\/?)>/.exec(rest);
    if (tag) {
      if (tag[1] === "/") {
        if (open.pop() !== tag[2]) throw new Error(`closed, but not open: ${tag[2]}`);
      } else {
        tags.push(tag[0]);
        if (tag[4] !== "/") open.push(tag[2]!);
      }
      rest = rest.slice(tag[0].length);
      continue;
    }
    const content = /^(?:[^<&]|&(?:amp|lt|gt|quot|apos);)+/.exec(rest);
    if (!content) throw new Error(`not well-formed at: ${rest.slice(0, 60)}`);
    if (content[0].trim() !== "") texts.push(content[0]);
    rest = rest.slice(content[0].length);
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(", ")}`);
  return { tags, texts };
}

/** An attribute of a tag. */
export const attribute = (tag: string, name: string): string =>
  new RegExp(` ${name}="([^"]*)"`).exec(tag)![1]!;
