using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq.Messages;

namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>
/// A message that the broker handed to us, from then on until it is done with. When its channel is lost it may come back to us, and goes on, or go to
/// another worker. Its table's lock covers what changes, but for <see cref="IsOurs"/> and <see cref="WaitAsync"/>.
/// </summary>
internal sealed class HeldDelivery
{
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private volatile ConsumerRun _run;
    private volatile bool _isGone;
    private TaskCompletionSource? _waiting;

    /// <summary>Takes a delivery over.</summary>
    /// <param name="message">What was delivered.</param>
    /// <param name="partition">The work queue that it came from, or belongs into.</param>
    /// <param name="isAlone">True for one of those that are handed out one at a time.</param>
    /// <param name="epoch">Counts all deliveries of this process.</param>
    /// <param name="run">The channel.</param>
    /// <param name="tag">Its tag there.</param>
    /// <param name="patience">How long to wait for it to come back.</param>
    /// <param name="time">The clock.</param>
    public HeldDelivery(ItemMessage message, int partition, bool isAlone, long epoch, ConsumerRun run, ulong tag, TimeSpan patience, TimeProvider time)
    {
        Message = message;
        Partition = partition;
        IsAlone = isAlone;
        Epoch = epoch;
        _run = run;
        Tag = tag;
        _patience = patience;
        _time = time;
        Domain = message.Head.Item.Domain;
        ArrivedAt = time.GetTimestamp();
    }

    /// <summary>Its destination.</summary>
    public string Domain { get; }

    /// <summary>When it came, as a time stamp of the clock.</summary>
    public long ArrivedAt { get; }

    /// <summary>What was delivered.</summary>
    public ItemMessage Message { get; }

    /// <summary>The work queue that it came from, or belongs into.</summary>
    public int Partition { get; }

    /// <summary>True for one of those that are handed out one at a time.</summary>
    public bool IsAlone { get; }

    /// <summary>Tells its holders apart.</summary>
    public long Epoch { get; }

    /// <summary>The channel.</summary>
    public ConsumerRun Run => _run;

    /// <summary>Its tag on the channel.</summary>
    public ulong Tag { get; private set; }

    /// <summary>True once the queue has it.</summary>
    public bool IsClaimed { get; set; }

    /// <summary>When the queue's lease ends that was not renewed since, as a time stamp of the clock.</summary>
    public long LeaseEnds { get; set; }

    /// <summary>True where it is done with, or somebody else's for sure.</summary>
    public bool IsGone => _isGone;

    /// <summary>True while nobody else can have it. Thread-safe.</summary>
    public bool IsOurs => !_isGone && _run.IsOpen;

    /// <summary>The version of the state that it was delivered with.</summary>
    public int Version => Message.Head.Item.State.Version;

    /// <summary>Takes it over on another channel, on which it was delivered again.</summary>
    public void Rebind(ConsumerRun run, ulong tag)
    {
        _run = run;
        Tag = tag;
        Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
    }

    /// <summary>Gives it up.</summary>
    public void Leave()
    {
        _isGone = true;
        Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
    }

    /// <summary>Waits until it is ours again; false where that takes too long, or never comes. Thread-safe.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (IsOurs)
            return true;
        if (_isGone)
            return false;
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource waiting = Interlocked.CompareExchange(ref _waiting, mine, null) ?? mine;
        if (IsOurs)
            return true;
        if (!_isGone)
        {
            try
            {
                await waiting.Task.WaitAsync(_patience, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return IsOurs;
            }
        }

        return IsOurs;
    }

    /// <summary>The item as it was delivered, with a content that is read under this delivery.</summary>
    /// <param name="stored">Its content from a store; null where it came along.</param>
    public QueueItem MakeItem(MessageContent? stored) => Message.Head.WithContent(new DeliveredContent(this, stored));
}
