// SPDX-License-Identifier: GPL-2.0-only
//
// The only module that imports the schema library: everything that comes from outside is decoded through here.
// Engine and worker modules must not import it (it loads slowly); they take values that were decoded at the edge.

import * as AST from "@effect/schema/AST";
import * as ParseResult from "@effect/schema/ParseResult";
import * as S from "@effect/schema/Schema";
import { alternatives, foundText, pathText } from "./found-text.ts";
import { inputFailure, success, type Result, type UserErrorCode } from "./user-error.ts";

export { S };

/** What is wrong at one place of a value. */
interface Problem {
  readonly path: readonly PropertyKey[];
  readonly expected: string;
  readonly found: string;
}

/**
 * Decodes `value`, or explains the first problem in one line. Unknown fields are errors. `source` is the file
 * name or another word for the input; `code` is the error's code.
 */
export function decodeOrExplain<A, I>(
  schema: S.Schema<A, I>,
  value: unknown,
  source: string,
  code: UserErrorCode = "VMC-E011",
): Result<A> {
  const decoded = ParseResult.decodeUnknownEither(schema)(value, {
    errors: "all",
    onExcessProperty: "error",
  });
  if (decoded._tag === "Right") return success(decoded.right);
  const { path, expected, found } = firstProblem(decoded.left, []);
  return inputFailure(code, source, pathText(path), expected, found);
}

/** True only for identical types: unlike assignability, it notices a missing optional field. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The schema itself; the compiler rejects it unless its type is exactly T. Call as `exactly<T>()(schema)`. */
export function exactly<T>() {
  return <A>(schema: S.Schema<A> & (Same<A, T> extends true ? unknown : never)): S.Schema<A> => schema;
}

/** A schema for integers from `min` to `max`; other numbers, NaN among them, are explained as such. */
export function integerFrom(min: number, max = Number.MAX_SAFE_INTEGER): S.Schema<number> {
  const description =
    max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`;
  return S.Number.pipe(
    S.filter((n) => Number.isInteger(n) && n >= min && n <= max, { description }),
  ).annotations({ description });
}

/** A schema for strings of a form, which `description` puts in words. */
export function stringLike(pattern: RegExp, description: string): S.Schema<string> {
  return S.String.pipe(S.filter((text) => pattern.test(text), { description })).annotations({ description });
}

function firstProblem(issue: ParseResult.ParseIssue, path: readonly PropertyKey[]): Problem {
  switch (issue._tag) {
    case "Pointer":
      return firstProblem(issue.issue, path.concat(issue.path));
    case "Missing":
      return { path, expected: describe(issue.ast.type), found: "nothing" };
    case "Unexpected":
      return { path, expected: "no such field", found: foundText(issue.actual) };
    case "Type":
    case "Forbidden":
      return { path, expected: describe(issue.ast), found: foundText(issue.actual) };
    case "Refinement":
      if (issue.kind === "From" && !isFlat(issue.issue)) return firstProblem(issue.issue, path);
      return { path, expected: describe(issue.ast), found: foundText(issue.actual) };
    case "Transformation":
      return firstProblem(issue.issue, path);
    case "Composite":
      return issue.ast._tag === "Union" ? unionProblem(issue, path) : compositeProblem(issue, path);
  }
}

/** An object or a list with problems: the first one, and for an unknown field the names of the known ones. */
function compositeProblem(issue: ParseResult.Composite, path: readonly PropertyKey[]): Problem {
  const first = issuesOf(issue)[0];
  if (first === undefined) return { path, expected: describe(issue.ast), found: foundText(issue.actual) };
  const problem = firstProblem(first, path);
  const unknownField = first._tag === "Pointer" && first.issue._tag === "Unexpected";
  if (!unknownField || issue.ast._tag !== "TypeLiteral") return problem;
  const names = issue.ast.propertySignatures.map((field) => String(field.name));
  return { path: problem.path, expected: `only the fields ${names.join(", ")}`, found: "an unknown field" };
}

/** No member of a union fits: the one that fits best if it is clear which that is, else all members by name. */
function unionProblem(issue: ParseResult.Composite, path: readonly PropertyKey[]): Problem {
  const deeper = issuesOf(issue).filter((each) => !isFlat(each));
  const only = deeper[0];
  if (only !== undefined && deeper.length === 1) return firstProblem(only, path);
  return { path, expected: describe(issue.ast), found: foundText(issue.actual) };
}

/** True if the issue says no more than that the value is of another kind. */
function isFlat(issue: ParseResult.ParseIssue): boolean {
  if (issue._tag === "Refinement" && issue.kind === "From") return isFlat(issue.issue);
  if (issue._tag === "Composite") return issue.ast._tag === "Union" && issuesOf(issue).every(isFlat);
  return issue._tag === "Type" || issue._tag === "Forbidden";
}

function issuesOf(issue: ParseResult.Composite): readonly ParseResult.ParseIssue[] {
  return Array.isArray(issue.issues)
    ? (issue.issues as readonly ParseResult.ParseIssue[])
    : [issue.issues as ParseResult.ParseIssue];
}

/** A schema in words, for people who do not know the schema library. */
function describe(ast: AST.AST): string {
  const own = AST.getDescriptionAnnotation(ast);
  if (own._tag === "Some") return own.value;
  if (AST.isLiteral(ast)) return foundText(ast.literal);
  if (AST.isUndefinedKeyword(ast)) return "nothing";
  if (AST.isTypeLiteral(ast)) {
    const needed = ast.propertySignatures.filter((field) => !field.isOptional);
    return `an object with ${needed.map((field) => String(field.name)).join(", ")}`;
  }
  if (AST.isTupleType(ast)) return "a list";
  if (AST.isRefinement(ast)) return describe(ast.from);
  if (AST.isTransformation(ast)) return describe(ast.from);
  if (AST.isUnion(ast)) {
    const members = ast.types.filter((member) => !AST.isUndefinedKeyword(member)).map(describe);
    return alternatives([...new Set(members)]);
  }
  return String(ast);
}
