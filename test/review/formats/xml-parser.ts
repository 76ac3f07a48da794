// SPDX-License-Identifier: GPL-2.0-only
//
// A strict reader of the XML that reports use, for tests: elements, attributes, text, the five entities. Throws on
// anything that is not well formed.

/** An element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const OPEN = /^<([A-Za-z][\w-]*)((?: [\w-]+="[^"<]*")*)(\/?)>$/;

interface Building {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

/** The root element of a document. */
export function parseXml(document: string): XmlElement {
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x08\x0b\x0c\x0e-\x1f]/.test(document)) throw new Error("a character that XML does not have");
  const body = document.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, "");
  if (body === document) throw new Error("no declaration");
  const root: Building = { name: "", attributes: {}, children: [], text: "" };
  const stack = [root];
  for (const token of body.match(/<[^>]*>|[^<]+/g) ?? []) {
    const top = stack.at(-1)!;
    if (!token.startsWith("<")) top.text += decoded(token);
    else if (token.startsWith("</")) {
      if (token !== `</${top.name}>` || stack.length === 1) throw new Error(`${token} closes ${top.name}`);
      stack.pop();
    } else {
      const found = OPEN.exec(token);
      if (!found) throw new Error(`no element: ${token}`);
      const element = { name: found[1]!, attributes: attributesOf(found[2]!), children: [], text: "" };
      top.children.push(element);
      if (found[3] === "") stack.push(element);
    }
  }
  const only = root.children[0];
  if (stack.length > 1 || !only || root.children.length > 1) throw new Error("not one element");
  return only;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/ ([\w-]+)="([^"]*)"/g)) {
    if (name! in attributes) throw new Error(`${name} twice`);
    attributes[name!] = decoded(value!);
  }
  return attributes;
}

function decoded(text: string): string {
  return text.replace(/&([^;]*;?)/g, (_, name: string) => {
    const character = name.endsWith(";") ? ENTITIES[name.slice(0, -1)] : undefined;
    if (character === undefined) throw new Error(`no entity: &${name}`);
    return character;
  });
}
