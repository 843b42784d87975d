namespace SlimtaFast.MailAuth;

/// <summary>What a method looked at, as in <c>smtp.mailfrom=a@example.org</c> (RFC 8601 section 2.3). Immutable.</summary>
/// <param name="Type">Where it was found: <c>smtp</c>, <c>header</c>, <c>body</c> or <c>policy</c>.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Value">Its value.</param>
public readonly record struct MethodProperty(string Type, string Name, string Value);
