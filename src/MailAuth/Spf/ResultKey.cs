namespace SlimtaFast.MailAuth.Spf;

/// <summary>What a remembered result is of. Immutable.</summary>
/// <param name="Client">The client's address.</param>
/// <param name="Domain">The domain, in the form in which it is looked up.</param>
/// <param name="LocalPart">The sender's local part, or null where the result does not depend on it.</param>
/// <param name="Hello">The hello, or null where the result does not depend on it.</param>
internal readonly record struct ResultKey(ClientAddress Client, string Domain, string? LocalPart, string? Hello);
