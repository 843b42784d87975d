using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport.Tls;

/// <summary>TLS over <see cref="TransportKind.Sockets"/>.</summary>
public sealed class SocketTlsConnectionTests() : TlsConnectionTests(TransportKind.Sockets);
