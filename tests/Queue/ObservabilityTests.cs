using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;

namespace SlimtaFast.Queue.Tests;

public class ObservabilityTests
{
    [Fact]
    public void Accepted_message_and_each_attempt_log_one_line()
    {
        var log = new ListLogger();
        using var fixture = new QueueFixture(logger: log);
        fixture.Relay.Script = static (_, attempt) => attempt.Number == 1 ? Replies.All(attempt, Replies.Later) : Replies.Delivered(attempt);
        log.Lines.Clear();
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        fixture.Enqueue(envelope);
        fixture.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal([3000, 3001, 3004], log.Lines.Select(line => line.Id).Order());
        Assert.All(log.Lines, line => Assert.StartsWith(envelope.Id.ToString(), line.Text, StringComparison.Ordinal));
        Assert.Contains("450 4.2.1 Mailbox busy", log.Lines.Single(line => line.Text.Contains("attempt 1", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Instruments_count_what_happens()
    {
        using var meters = new Meters();
        using var fixture = new QueueFixture(meters: meters);
        fixture.Relay.Script = static (envelope, attempt) => envelope.ReversePath.IsNull ? Replies.Delivered(attempt) : Replies.ByName(attempt);
        fixture.Enqueue("ok@one.example", "later@one.example", "never@one.example");
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        fixture.Enqueue("x@down.example");
        fixture.Enqueue(fixture.Envelope() with { Recipients = [] });
        meters.Collect();
        Assert.Equal(2, meters["slimtafast.queue.accepted"]);
        Assert.Equal(1, meters["slimtafast.queue.refused"]);
        Assert.Equal(2, meters["slimtafast.queue.delivered"]);
        Assert.Equal(1, meters["slimtafast.queue.deferred"]);
        Assert.Equal(1, meters["slimtafast.queue.bounced"]);
        Assert.Equal(1, meters["slimtafast.queue.reports"]);
        Assert.Equal(1, meters["slimtafast.queue.waiting"]);
        Assert.Equal(1, meters["slimtafast.queue.ready"]);
        Assert.Equal(0, meters["slimtafast.queue.active"]);
        Assert.Equal(1, meters["slimtafast.queue.suspended_hops"]);
        Assert.Equal(0, meters["slimtafast.queue.expired"]);
    }

    [Fact]
    public void Oldest_item_is_as_old_as_it_is()
    {
        using var fixture = new QueueFixture();
        Assert.Equal(TimeSpan.Zero, fixture.Queue.GetOldestAge());
        fixture.Relay.Script = static (_, attempt) => Replies.ByName(attempt);
        fixture.Enqueue("later@one.example");
        fixture.Advance(TimeSpan.FromSeconds(20));
        fixture.Enqueue("later@two.example");
        Assert.Equal(TimeSpan.FromSeconds(20), fixture.Queue.GetOldestAge());
        fixture.Relay.Script = static (envelope, attempt) => envelope.Domain == "one.example" ? Replies.Delivered(attempt) : Replies.ByName(attempt);
        fixture.Advance(TimeSpan.FromSeconds(5));
        fixture.Flush();
        Assert.Equal(TimeSpan.FromSeconds(5), fixture.Queue.GetOldestAge());
    }

    [Fact]
    public void Each_order_of_an_operator_is_an_event_for_each_open_recipient()
    {
        var events = new ListSink();
        using var fixture = new QueueFixture(events: events);
        fixture.Relay.Script = static (_, attempt) => Replies.ByName(attempt);
        Envelope envelope = fixture.Envelope("alice@example.com", "ok@one.example", "later@one.example");
        fixture.Enqueue(envelope);
        events.Events.Clear();
        foreach (QueueAction action in new[] { QueueAction.Hold, QueueAction.Hold, QueueAction.Release, QueueAction.Retry, QueueAction.Remove, QueueAction.Remove })
            fixture.Order(action, envelope.Id);
        MailEvent[] orders = [.. events.Events.Where(static what => what.By is not null)];
        Assert.Equal([MailEventKind.Held, MailEventKind.Released, MailEventKind.Retried, MailEventKind.Removed], orders.Select(static what => what.Kind));
        Assert.All(orders, what => Assert.Equal((envelope.Id, "the test", "operator", "one.example"), (what.Id, what.By, what.Reason, what.NextHop)));
        Assert.Equal("later@one.example", orders[0].Recipient!.Value.Address);
        Assert.Equal("alice@example.com", orders[^1].Sender!.Value.Address);

        envelope = fixture.Envelope("alice@example.com", "later@two.example");
        fixture.Enqueue(envelope);
        events.Events.Clear();
        fixture.Order(QueueAction.Bounce, envelope.Id);
        MailEvent bounced = Assert.Single(events.Events, static what => what.By is not null);
        Assert.Equal((MailEventKind.Bounced, "later@two.example"), (bounced.Kind, bounced.Recipient!.Value.Address));
    }

    [Fact]
    public void Order_to_reroute_is_an_event_that_names_the_new_hop()
    {
        var events = new ListSink();
        using var fixture = new QueueFixture(events: events);
        fixture.Relay.Script = static (_, attempt) => Replies.ByName(attempt);
        Envelope envelope = fixture.Envelope("alice@example.com", "ok@one.example", "later@one.example");
        fixture.Enqueue(envelope);
        fixture.Order(QueueAction.Reroute, envelope.Id, "backup.internal");
        MailEvent order = Assert.Single(events.Events, static what => what.By is not null);
        Assert.Equal(
            (MailEventKind.Rerouted, envelope.Id, "backup.internal", "later@one.example", "the test", "operator"),
            (order.Kind, order.Id, order.NextHop, order.Recipient!.Value.Address, order.By, order.Reason));
        Assert.Equal((MailEventKind.Deferred, "backup.internal"), (events.Events[^1].Kind, events.Events[^1].NextHop));
    }

    [Fact]
    public void Each_recipients_end_of_an_attempt_is_an_event()
    {
        var events = new ListSink();
        using var fixture = new QueueFixture(events: events);
        fixture.Relay.Script = static (envelope, attempt) => envelope.ReversePath.IsNull ? Replies.Delivered(attempt) : Replies.ByName(attempt);
        Envelope envelope = fixture.Envelope(to: ["ok@one.example", "later@one.example", "never@one.example"]);
        var session = new SessionId(7);
        fixture.Enqueue(envelope with { Client = envelope.Client with { Session = session } });
        MailEvent[] first = [.. events.Events.Where(what => what.Sender?.IsNull == false)];
        Assert.Equal(
            [(MailEventKind.Delivered, "ok@one.example"), (MailEventKind.Deferred, "later@one.example"), (MailEventKind.Bounced, "never@one.example")],
            first.Select(what => (what.Kind, what.Recipient!.Value.Address)));
        Assert.All(first, what => Assert.Equal((envelope.Id, session, 1, "alice@example.com", "mx.example.net"), (what.Id, what.Session, what.Attempt, what.Sender!.Value.Address, what.RemoteName)));
        Assert.Equal([250, 450, 550], first.Select(what => (int)what.Reply.Code));

        // The report is mail like any other; and who is done is told of no more.
        Assert.Equal((MailEventKind.Delivered, "alice@example.com"), Assert.Single(events.Events, what => what.Sender?.IsNull == true) is var report ? (report.Kind, report.Recipient!.Value.Address) : default);
        events.Events.Clear();
        fixture.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((MailEventKind.Deferred, "later@one.example", 2), Assert.Single(events.Events) is var again ? (again.Kind, again.Recipient!.Value.Address, again.Attempt) : default);
    }

    [Fact]
    public void Hop_that_is_down_and_old_age_are_told_with_their_reason()
    {
        var events = new ListSink();
        using var fixture = new QueueFixture(events: events);
        fixture.Relay.Script = static (_, attempt) => Replies.Down(attempt);
        fixture.Enqueue("x@down.example");
        MailEvent waiting = events.Events[0];
        Assert.Equal((MailEventKind.Deferred, "hop_down", 0, 451), (waiting.Kind, waiting.Reason, waiting.Attempt, (int)waiting.Reply.Code));
        for (int day = 0; day < 6; day++)
            fixture.Advance(TimeSpan.FromDays(1));
        MailEvent bounced = Assert.Single(events.Events, what => what.Kind == MailEventKind.Bounced && what.Sender?.IsNull == false);
        Assert.Equal(("x@down.example", "expired"), (bounced.Recipient!.Value.Address, bounced.Reason));
    }

    [Fact]
    public void Attempts_belong_to_the_trace_that_the_message_came_with()
    {
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "SlimtaFast.Queue",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (ended)
                    ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var fixture = new QueueFixture();
        fixture.Relay.Script = static (_, attempt) => attempt.Number == 1 ? Replies.All(attempt, Replies.Later) : Replies.Delivered(attempt);
        Envelope envelope = fixture.Envelope(to: "bob@example.org");
        fixture.Enqueue(envelope with { Client = envelope.Client with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } });
        fixture.Advance(TimeSpan.FromMinutes(2));
        Activity[] attempts;
        lock (ended)
            attempts = [.. ended.Where(activity => activity.OperationName == "deliver" && (string?)activity.GetTagItem("slimtafast.queue_id") == envelope.Id.ToString())];
        Assert.Equal([1, 2], attempts.Select(activity => (int)activity.GetTagItem("slimtafast.attempt")!));
        Assert.All(attempts, activity => Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (activity.TraceId.ToString(), activity.ParentSpanId.ToString())));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], attempts.Select(activity => activity.Status));
        Assert.Null(Activity.Current);
    }

    private sealed class ListSink : IMailEventSink
    {
        public List<MailEvent> Events { get; } = [];

        public void Note(MailEvent what) => Events.Add(what);
    }

    private sealed class ListLogger : ILogger
    {
        public List<(int Id, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((eventId.Id, formatter(state, exception)));
    }

    private sealed class Meters : IMeterFactory
    {
        private readonly Dictionary<string, double> _values = [];
        private readonly MeterListener _listener = new();
        private readonly List<Meter> _meters = [];

        public Meters()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (_meters.Contains(instrument.Meter) || ReferenceEquals(instrument.Meter.Scope, this))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _values[instrument.Name] = this[instrument.Name] + value);
            _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _values[instrument.Name] = value);
            _listener.Start();
        }

        public double this[string name] => _values.GetValueOrDefault(name);

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Collect() => _listener.RecordObservableInstruments();

        public void Dispose()
        {
            _listener.Dispose();
            foreach (Meter meter in _meters)
                meter.Dispose();
        }
    }
}
