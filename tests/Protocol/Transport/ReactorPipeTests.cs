using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>The pipes, over epoll.</summary>
public sealed class ReactorPipeTests() : PipeTests(TransportKind.Reactor);
