using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport.Tls;

/// <summary>TLS over <see cref="TransportKind.Reactor"/>.</summary>
public sealed class ReactorTlsConnectionTests() : TlsConnectionTests(TransportKind.Reactor);
