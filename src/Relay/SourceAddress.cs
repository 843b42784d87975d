using System.Net;

namespace SlimtaFast.Relay;

/// <summary>An address of this host from which connections to next hops are made. Immutable.</summary>
/// <param name="Address">The address.</param>
/// <param name="Weight">Its share: of two addresses with weights 3 and 1, the first has three connections for each of the other's. At least 1.</param>
/// <param name="HelloName">
/// The name in EHLO on its connections, which the address's PTR record should have; null for the one of <see cref="Protocol.SmtpClientOptions.HelloName"/>.
/// </param>
public sealed record SourceAddress(IPAddress Address, int Weight = 1, string? HelloName = null);
