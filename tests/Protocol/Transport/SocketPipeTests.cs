using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>The pipes, over the framework's sockets.</summary>
public sealed class SocketPipeTests() : PipeTests(TransportKind.Sockets);
