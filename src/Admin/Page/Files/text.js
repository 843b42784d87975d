// Words, numbers and times for people; and what strangers wrote, made harmless to look at.

// What turns the direction of writing, has no width, moves a cursor or is no character is spelt out, and a backslash is doubled so that nobody can write
// such a thing himself. "slimtafast queue" does the same.
const Deceptive = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\\]/gu;
const Longest = 2000;

export function safe(text) {
  const whole = String(text ?? "");
  const shown = whole.length > Longest ? whole.slice(0, Longest) + "…" : whole;
  return shown.replace(Deceptive, (letter) => letter === "\\" ? "\\\\" : `\\u{${letter.codePointAt(0).toString(16).toUpperCase()}}`);
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export const count = (value) => whole.format(value);

export const rate = (value) => value >= 100 ? whole.format(value) : fine.format(value);

export const many = (value, thing) => `${count(value)} ${thing}${value === 1 ? "" : "s"}`;

export function octets(value) {
  const units = ["octets", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }

  return `${unit === 0 ? whole.format(value) : fine.format(value)} ${units[unit]}`;
}

// A duration in its two largest units.
export function duration(seconds) {
  if (seconds < 0.001)
    return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1)
    return `${fine.format(seconds * 1000)} ms`;
  if (seconds < 60)
    return `${seconds < 10 ? fine.format(seconds) : Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  if (days > 0)
    return `${days} d ${hours % 24} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min ${Math.floor(seconds % 60)} s`;
}

const clock = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export const moment = (iso) => clock.format(new Date(iso));

// How far a time is away from the server's own clock, since that of the reader may be wrong.
export function distance(iso, now) {
  const seconds = (new Date(iso) - now) / 1000;
  return seconds >= 0 ? `in ${duration(seconds)}` : `${duration(-seconds)} ago`;
}

export function sum(outcomes) {
  const counts = new Map();
  for (const outcome of outcomes)
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return counts;
}

const Outcomes = {
  done: "done", pending: "not confirmed by the storage yet", unchanged: "already so", busy: "busy: ask again", held: "held: release first",
  notFound: "gone", failed: "failed", elsewhere: "with another process: ask again", outOfReach: "not with this process",
};

export const outcomes = (counts) => counts.size === 0
  ? "No message matched."
  : [...counts].map(([outcome, number]) => `${count(number)} ${Outcomes[outcome] ?? safe(outcome)}`).join(", ") + ".";
