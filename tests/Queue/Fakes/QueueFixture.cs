using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Fakes;

/// <summary>A queue on a clock, a storage and a relay that a test rules, everything on the test's thread.</summary>
internal sealed class QueueFixture : IDisposable
{
    private readonly MailQueueOptions _options;
    private readonly IReadOnlyList<IQueuePolicy> _policies;
    private readonly ILogger _logger;
    private readonly IMeterFactory? _meters;
    private readonly IMailEventSink? _events;

    public QueueFixture(MailQueueOptions? options = null, IReadOnlyList<IQueuePolicy>? policies = null, double random = 0.5, bool start = true, ILogger? logger = null, IMeterFactory? meters = null, IMailEventSink? events = null)
    {
        _logger = logger ?? NullLogger.Instance;
        _meters = meters;
        _events = events;
        _options = options ?? new MailQueueOptions { HostName = "mx.example.org" };
        _policies = policies ?? [];
        Random = () => random;
        Ids = new QueueIdGenerator(Time);
        Queue = Make();
        if (start)
            Start();
    }

    public FakeTimeProvider Time { get; } = new(Envelopes.Received);

    public ManualContext Context { get; } = new();

    public FaultyStorage Storage { get; } = new();

    public ScriptedRelay Relay { get; } = new();

    public QueueIdGenerator Ids { get; }

    public Func<double> Random { get; set; }

    public MailQueue Queue { get; private set; }

    public QueueSnapshot Snapshot => Queue.GetSnapshot(withHops: true);

    public void Start()
    {
        Queue.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        if (Storage.Fails("load") is null)
            Queue.Loading!.GetAwaiter().GetResult();
        Context.Drain();
    }

    /// <summary>Stops the queue and starts another one on the same storage.</summary>
    public void Restart()
    {
        Stop();
        Queue = Make();
        Start();
    }

    /// <summary>Stops the queue without waiting for attempts.</summary>
    public void Stop()
    {
        using var now = new CancellationTokenSource();
        Task? stopping = null;
        Context.Post(_ => stopping = Queue.StopAsync(now.Token), null);
        Context.Drain();
        for (int i = 0; i < 100 && !stopping!.IsCompleted; i++)
            Advance(TimeSpan.FromSeconds(1));

        Assert.True(stopping!.IsCompletedSuccessfully, "The queue does not stop.");
    }

    public Envelope Envelope(string from = "alice@example.com", params string[] to) =>
        Envelopes.Make(Contents.InMemory(), from, to) with { Id = Ids.Next(), ReceivedAt = Time.GetUtcNow() };

    public EnqueueResult Enqueue(Envelope envelope)
    {
        EnqueueResult result = Context.Run(() => Queue.EnqueueAsync(envelope, CancellationToken.None));
        envelope.Content.Release();
        Context.Drain();
        return result;
    }

    public EnqueueResult Enqueue(params string[] to) => Enqueue(Envelope(to: to));

    public void Finish(int index = 0)
    {
        Relay.Finish(index);
        Context.Drain();
    }

    public EnqueueResult EnqueueAs(string from, params string[] to) => Enqueue(Envelope(from, to));

    /// <summary>Has the desk do something on the test's thread.</summary>
    public T Ask<T>(Func<QueueDesk, Task<T>> question)
    {
        T answer = Context.Run(() => new ValueTask<T>(question(Queue.Desk)));
        Context.Drain();
        return answer;
    }

    /// <summary>Has the desk do something that is done at once, on the test's thread: without a context, as web servers call.</summary>
    public T Tell<T>(Func<QueueDesk, T> order)
    {
        T? answer = default;
        Outside(() => answer = order(Queue.Desk));
        return answer!;
    }

    /// <summary>The same without an answer.</summary>
    public void Tell(Action<QueueDesk> order) => Outside(() => order(Queue.Desk));

    /// <summary>An order for one item.</summary>
    public OrderOutcome Order(QueueAction action, QueueId id, string? to = null)
    {
        QueueOrderResult result = Ask(desk => desk.OrderAsync(new QueueOrder(action, "the test") { Ids = [id], RoutingDomain = to }));
        OrderedItem item = Assert.Single(result.Items);
        Assert.Equal(id, item.Id);
        return item.Outcome;
    }

    /// <summary>One page of items.</summary>
    public ItemPage Search(QueueFilter filter, string? cursor = null, int most = 100) => Ask(desk => desk.SearchAsync(filter, cursor, most).AsTask());

    /// <summary>All that is known of an item that is there.</summary>
    public ItemDetails Find(QueueId id)
    {
        ItemDetails? details = Ask(desk => desk.FindAsync(id).AsTask());
        Assert.NotNull(details);
        return details;
    }

    /// <summary>Lets time pass; timers ring without a context, as they do in earnest.</summary>
    public void Advance(TimeSpan time) => Outside(() => Time.Advance(time));

    public void Flush() => Outside(Queue.Flush);

    public void Dispose()
    {
        Stop();
        Storage.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Outside(Action work)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        work();
        SynchronizationContext.SetSynchronizationContext(before);
        Context.Drain();
    }

    private MailQueue Make() => new(Storage, Relay, _options, _policies, new QueueEnvironment
    {
        Time = Time,
        Random = () => Random(),
        Ids = Ids,
        Threads = [Context],
        Logger = _logger,
        Meters = _meters,
        Events = _events,
    });
}
