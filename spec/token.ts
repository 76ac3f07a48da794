// SPDX-License-Identifier: GPL-2.0-only
//
// Replay tokens: a whole counterexample in one word that survives mail, shells and URLs.
// Format: `vmc1.<payload>.<checksum>`; `1` is the format's version, the payload is base64url of the JSON list of
// token-payload.ts, and the checksum covers all that stands before it.

import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { canonicalJson } from "./canonical-json.ts";
import { CHECKSUM_PATTERN, checksum } from "./checksum.ts";
import { COUNTEREXAMPLE_VERSION, type Counterexample } from "./counterexample.ts";
import { quoted } from "./found-text.ts";
import { parseJson } from "./json-text.ts";
import { packCounterexample, unpackCounterexample } from "./token-payload.ts";
import { inputFailure, type Result } from "./user-error.ts";

const PREFIX = `vmc${COUNTEREXAMPLE_VERSION}`;

/** The token of a counterexample. Equal counterexamples have equal tokens. */
export function encodeToken(counterexample: Counterexample): string {
  const head = `${PREFIX}.${encodeBase64url(canonicalJson(packCounterexample(counterexample)))}`;
  return `${head}.${checksum(head)}`;
}

/** Reads a token. White space around it is ignored; any other difference is an error. */
export function decodeToken(text: string, source = "token"): Result<Counterexample> {
  const token = text.trim();
  const [prefix = "", payload, given, ...rest] = token.split(".");
  if (prefix !== PREFIX) return wrongPrefix(prefix, source);
  if (payload === undefined || given === undefined || rest.length > 0) {
    const parts = token.split(".").length;
    const cut = parts < 3 ? " (is the token complete?)" : "";
    return inputFailure("VMC-E032", source, "", "three parts with a dot between them", `${parts}${cut}`);
  }
  if (!CHECKSUM_PATTERN.test(given)) {
    const found = `${quoted(given)} (is the token complete?)`;
    return inputFailure("VMC-E032", source, "checksum", "16 hexadecimal digits", found);
  }
  const computed = checksum(`${PREFIX}.${payload}`);
  if (computed !== given) {
    const found = `"${given}" (was the token edited?)`;
    return inputFailure(
      "VMC-E031",
      source,
      "checksum",
      `"${computed}", that of the token's other parts`,
      found,
    );
  }
  const json = decodeBase64url(payload);
  if (json === undefined)
    return inputFailure("VMC-E032", source, "payload", "base64url text", quoted(payload));
  const value = parseJson(json, `${source} payload`);
  return value.ok ? unpackCounterexample(value.value, `${source} payload`) : value;
}

function wrongPrefix(prefix: string, source: string): Result<never> {
  if (/^vmc[0-9]+$/.test(prefix)) {
    const expected = `version ${COUNTEREXAMPLE_VERSION}, the one that this vmapcheck reads`;
    return inputFailure("VMC-E030", source, "version", expected, prefix.slice(3, 12));
  }
  return inputFailure("VMC-E030", source, "", `a token, which begins with "${PREFIX}."`, quoted(prefix));
}
