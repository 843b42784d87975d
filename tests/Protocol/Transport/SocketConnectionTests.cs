using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>A connection's life, over the framework's sockets.</summary>
public sealed class SocketConnectionTests() : ConnectionTests(TransportKind.Sockets);
