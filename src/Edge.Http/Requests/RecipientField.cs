namespace SlimtaFast.Edge.Http.Requests;

/// <summary>A recipient as a request names it, before anybody has looked at it. Immutable.</summary>
/// <param name="Address">The address in UTF-8.</param>
/// <param name="Parameters">The parameters of RCPT; empty for none.</param>
internal readonly record struct RecipientField(byte[] Address, byte[] Parameters);
