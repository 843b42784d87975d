using SlimtaFast.Mail;
using SlimtaFast.Relay;

namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>A relay that does what a test says, and sees to it that no item is attempted twice at once.</summary>
internal sealed class ScriptedRelay : IRelay
{
    private readonly HashSet<QueueId> _running = [];
    private readonly Dictionary<string, int> _runningByHop = [];

    /// <summary>What an attempt brings; delivery to all by default.</summary>
    public Func<Envelope, DeliveryAttempt, DeliveryReport> Script { get; set; } = static (_, attempt) => Replies.Delivered(attempt);

    /// <summary>Whether attempts wait for <see cref="Finish"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>Whether what would have been sent is read and kept.</summary>
    public bool ReadsContents { get; set; } = true;

    /// <summary>The hop of a domain; each its own by default.</summary>
    public Func<string, string> Hop { get; set; } = static domain => domain;

    /// <summary>The attempts begun, in order.</summary>
    public List<Attempt> Attempts { get; } = [];

    /// <summary>Those that wait.</summary>
    public List<Attempt> Waiting { get; } = [];

    /// <summary>The most attempts that ran at once for a hop.</summary>
    public Dictionary<string, int> MostAtOnce { get; } = [];

    /// <inheritdoc/>
    public string GetNextHop(string domain) => Hop(domain);

    /// <inheritdoc/>
    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        string hop = Hop(attempt.RoutingDomain ?? envelope.Domain);
        Assert.True(_running.Add(envelope.Id), "An item is attempted twice at once.");
        int running = _runningByHop[hop] = _runningByHop.GetValueOrDefault(hop) + 1;
        MostAtOnce[hop] = Math.Max(MostAtOnce.GetValueOrDefault(hop), running);
        var made = new Attempt(envelope, attempt, ReadsContents ? Read(envelope) : []);
        Attempts.Add(made);
        try
        {
            if (Holds)
            {
                Waiting.Add(made);
                await using (cancellationToken.Register(() => made.Gate.TrySetCanceled(cancellationToken)))
                    await made.Gate.Task;
            }

            return Script(envelope, attempt);
        }
        finally
        {
            Waiting.Remove(made);
            _running.Remove(envelope.Id);
            _runningByHop[hop]--;
        }
    }

    /// <summary>Lets a waiting attempt end.</summary>
    public void Finish(int index) => Waiting[index].Gate.TrySetResult();

    /// <summary>Lets all attempts that wait now end.</summary>
    public void FinishAll()
    {
        foreach (Attempt attempt in Waiting.ToArray())
            attempt.Gate.TrySetResult();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static byte[] Read(Envelope envelope)
    {
        using Stream stream = envelope.OpenStream();
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>An attempt that was begun, and what would have been sent.</summary>
    internal sealed record Attempt(Envelope Envelope, DeliveryAttempt Made, byte[] Bytes)
    {
        /// <summary>Opened by <see cref="Finish"/>.</summary>
        public TaskCompletionSource Gate { get; } = new();

        /// <summary>The recipients' addresses.</summary>
        public string To => string.Join(",", Made.Recipients.Select(recipient => recipient.Address.Address));
    }
}
