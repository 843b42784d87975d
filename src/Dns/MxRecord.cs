namespace SlimtaFast.Dns;

/// <summary>A mail exchanger. Immutable.</summary>
/// <param name="Preference">Lower is tried first.</param>
/// <param name="Exchange">Host name in lower case without the final dot; empty for a null MX (RFC 7505).</param>
public readonly record struct MxRecord(int Preference, string Exchange);
