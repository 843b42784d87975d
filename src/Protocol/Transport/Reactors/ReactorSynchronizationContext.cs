namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>Brings the awaits of session code back to its reactor thread.</summary>
internal sealed class ReactorSynchronizationContext(Reactor reactor) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => reactor.PostCallback(d, state);

    /// <summary>Runs the call at once on the reactor thread; elsewhere it is refused, since it would block the caller.</summary>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!reactor.IsCurrent)
        {
            throw new NotSupportedException("A reactor takes posted calls only.");
        }

        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}
