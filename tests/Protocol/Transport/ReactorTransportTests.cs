using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>The common behaviour, over epoll.</summary>
public sealed class ReactorTransportTests() : TransportTests(TransportKind.Reactor);
