using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Load;

/// <summary>Items that the queue may still take.</summary>
internal sealed class QueueGauge(MailQueue queue, int most) : LoadGauge(LoadResource.Queue, 1, Math.Max(1, most * 0.02))
{
    /// <inheritdoc/>
    public override double ReadLeft()
    {
        QueueSnapshot snapshot = queue.GetSnapshot();
        return most - ((long)snapshot.Waiting + snapshot.Ready + snapshot.Active + snapshot.Recording);
    }
}
