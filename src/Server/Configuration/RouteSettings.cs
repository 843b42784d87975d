using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Relay;

namespace SlimtaFast.Server.Configuration;

/// <summary>Another way for the mail of some domains. Immutable.</summary>
/// <param name="Domains">The domains; a leading dot means all names below.</param>
/// <param name="Relay">Where their mail goes.</param>
/// <param name="Delivery">How the next hops are spoken to.</param>
/// <param name="Certificate">Our own certificate for those that ask, or null for the one of all others.</param>
/// <param name="Pipe">How a program takes their mail, where the relay is one.</param>
/// <param name="Section">The name of its section with the last colon.</param>
internal sealed record RouteSettings(
    IReadOnlyList<string> Domains, RelayAddress Relay, SmtpRelayOptions Delivery, TlsCertificateFiles? Certificate, PipeSettings Pipe, string Section);
