using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>The common behaviour, over the framework's sockets.</summary>
public sealed class SocketTransportTests() : TransportTests(TransportKind.Sockets);
