namespace SlimtaFast.MailAuth.Spf;

/// <summary>The result of one domain's policy. Immutable.</summary>
/// <param name="Result">The result.</param>
/// <param name="Record">The record that gave it, or null.</param>
/// <param name="Domain">Whose record that is.</param>
/// <param name="Mechanism">The mechanism that matched, or null.</param>
internal readonly record struct Verdict(MailAuthResult Result, SpfRecord? Record = null, string Domain = "", Mechanism? Mechanism = null);
