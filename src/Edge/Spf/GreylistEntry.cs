using SlimtaFast.Edge.Limits;

namespace SlimtaFast.Edge.Spf;

/// <summary>A pair of client and sender that was seen. Immutable.</summary>
/// <param name="Key">The pair.</param>
/// <param name="First">When it was told to come back.</param>
/// <param name="Last">When it was seen last.</param>
/// <param name="HasReturned">True once it came back late enough.</param>
internal sealed record GreylistEntry((ClientKey Client, UInt128 Sender) Key, DateTimeOffset First, DateTimeOffset Last, bool HasReturned);
