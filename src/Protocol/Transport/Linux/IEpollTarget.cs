namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>Something with a descriptor in an epoll set.</summary>
internal interface IEpollTarget
{
    /// <summary>Events came. On the reactor thread.</summary>
    void OnEvents(EpollReactor reactor, uint events);

    /// <summary>The reactor ends: let go of the descriptor. On the reactor thread.</summary>
    void OnReactorEnd();
}
