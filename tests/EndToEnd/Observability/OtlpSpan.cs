namespace SlimtaFast.EndToEnd.Tests.Observability;

/// <summary>What tests look at of a span; ids in hex digits, and which process it is from.</summary>
internal sealed record OtlpSpan(string Name, string Trace, string Id, string Parent, string Instance);
