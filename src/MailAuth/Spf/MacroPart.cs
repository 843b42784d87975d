namespace SlimtaFast.MailAuth.Spf;

/// <summary>A piece of a macro-string: literal text, or a macro with its transformers. Immutable.</summary>
/// <param name="Literal">The text, or null for a macro.</param>
/// <param name="Letter">The macro's letter in lower case.</param>
/// <param name="IsEscaped">True where it was written in upper case: what it stands for is URL-escaped.</param>
/// <param name="Keep">How many right-hand parts are used; 0 for all.</param>
/// <param name="IsReversed">True where the parts are used in reverse order.</param>
/// <param name="Delimiters">What separates the parts of the value.</param>
internal readonly record struct MacroPart(string? Literal, char Letter, bool IsEscaped, int Keep, bool IsReversed, string Delimiters);
