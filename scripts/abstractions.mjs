// SPDX-License-Identifier: GPL-2.0-only
// Collects the notes tagged `ABSTRACTION:` (where the code simplifies the kernel, and at what risk) into
// docs/abstractions.md. It must never depend on the order of a folder or on line numbers: the document
// changes only when a note does. A test compares the document with the notes.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const TAG = "ABSTRACTION:";
const ROOMS = ["impl", "explore"];

export const DOCUMENT = "docs/abstractions.md";

const INTRODUCTION = `# Abstractions

Where the code simplifies the kernel, a note beside it says how and at what risk. This page lists those notes
of ${ROOMS.map((room) => `\`${room}/\``).join(" and ")}. It is written by \`npm run docs:abstractions\`; edit the note, not the page.
`;

/**
 * The notes of one source: from the tag to the end of its comment or to the next blank comment line.
 * @param {string} text
 * @returns {string[]}
 */
export function notesOf(text) {
  /** @type {string[]} */
  const notes = [];
  let open = false;
  for (const line of text.split("\n")) {
    const tag = line.indexOf(TAG);
    const comment =
      tag === -1 ? (/^\s*(?:\/\/|\*(?!\/))(.*)$/.exec(line)?.[1] ?? "") : line.slice(tag + TAG.length);
    const words = comment.replace(/\*\/.*$/, "").trim();
    if (tag !== -1) notes.push(words);
    else if (open && words !== "" && !words.startsWith("@"))
      notes.push(`${notes.pop() ?? ""} ${words}`.trim());
    open = tag !== -1 || (open && words !== "" && !words.startsWith("@"));
    if (comment.includes("*/")) open = false;
  }
  return notes;
}

/**
 * The whole document, from a map of path to text; files of other rooms are ignored.
 * @param {ReadonlyMap<string, string>} tree
 * @returns {string}
 */
export function renderAbstractions(tree) {
  const sections = [...tree.keys()]
    .filter((path) => path.endsWith(".ts") && ROOMS.some((room) => path.startsWith(`${room}/`)))
    .sort()
    .map((path) => ({ path, notes: notesOf(tree.get(path) ?? "") }))
    .filter(({ notes }) => notes.length > 0)
    .map(({ path, notes }) => `\n## ${path}\n\n${notes.map((note) => `- ${note}\n`).join("")}`);
  return INTRODUCTION + (sections.length === 0 ? "\nNone so far.\n" : sections.join(""));
}

/**
 * @param {string} root
 * @returns {Map<string, string>}
 */
function readRooms(root) {
  /** @type {Map<string, string>} */
  const tree = new Map();
  for (const room of ROOMS) {
    const folder = join(root, room);
    for (const path of listed(folder)) {
      if (path.endsWith(".ts"))
        tree.set(`${room}/${path.replaceAll("\\", "/")}`, readFileSync(join(folder, path), "utf8"));
    }
  }
  return tree;
}

/**
 * Paths below a folder; none if there is no such folder.
 * @param {string} folder
 * @returns {string[]}
 */
function listed(folder) {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const target = join(root, DOCUMENT);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.new`, renderAbstractions(readRooms(root)));
  renameSync(`${target}.new`, target);
  console.log(`wrote ${DOCUMENT}`);
}
