using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>A connection's life, over epoll.</summary>
public sealed class ReactorConnectionTests() : ConnectionTests(TransportKind.Reactor);
