using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.Tests;

/// <summary>
/// What must hold whatever next hops, storage and operators do: every accepted recipient is delivered, reported, removed by an operator or still
/// queued, none twice, and no item is attempted twice at once (which the relay of these tests checks itself) or while it is held.
/// </summary>
public class QueueInvariantTests
{
    [Property(MaxTest = 150)]
    public void Every_accepted_recipient_is_delivered_or_reported_or_still_queued(int seed)
    {
        var random = new Random(seed);
        using var world = new World(random);
        for (int step = 0; step < 60; step++)
            world.Step();
        world.CheckWhileRunning();
        world.Settle();
        world.CheckAtTheEnd();
    }

    private sealed class World : IDisposable
    {
        private static readonly RecipientOutcome Kept = Replies.Ok with { KeepsDeadline = true };

        private readonly Random _random;
        private readonly QueueFixture _fixture;
        private readonly Dictionary<string, int> _delivered = [];
        private readonly Dictionary<string, int> _reported = [];
        private readonly HashSet<string> _accepted = [];
        private readonly HashSet<string> _removed = [];
        private readonly HashSet<QueueId> _held = [];
        private readonly List<GivenOrder> _orders = [];
        private int _names;
        private bool _calm;

        public World(Random random)
        {
            _random = random;
            _fixture = new QueueFixture(new MailQueueOptions
            {
                HopInitialAttempts = 2,
                HopMaxAttempts = 4,
                MaxAttempts = 5,
                MaxUnrecorded = 4,
                ResidentItems = random.Next(6),
                HopReadAhead = 1 + random.Next(3),
                Retry = new RetrySchedule([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)], repeatsLast: random.Next(2) == 0, TimeSpan.FromHours(6)),
            });
            _fixture.Random = random.NextDouble;
            _fixture.Relay.Script = Attempt;
            _fixture.Storage.Fails = _ => !_calm && random.Next(6) == 0 ? (StorageFailure)random.Next(3) : null;
            _fixture.Storage.DoneNevertheless = () => random.Next(2) == 0;
        }

        public void Step()
        {
            switch (_random.Next(14))
            {
                case < 4:
                    Enqueue();
                    break;
                case < 6:
                    _fixture.Relay.Holds = _random.Next(2) == 0;
                    while (_fixture.Relay.Waiting.Count > 0 && _random.Next(4) != 0)
                        _fixture.Finish(_random.Next(_fixture.Relay.Waiting.Count));
                    break;
                case < 8:
                    _fixture.Advance(TimeSpan.FromSeconds(_random.Next(1200)));
                    break;
                case 8:
                    _fixture.Flush();
                    break;
                case < 12:
                    Order();
                    break;
                case 12:
                    OrderHops();
                    break;
                default:
                    // Attempts that wait are cut. The storage works meanwhile: else outcomes would be lost, and attempts repeated.
                    _calm = true;
                    _fixture.Restart();
                    _calm = false;
                    break;
            }
        }

        public void CheckWhileRunning()
        {
            NoteOrders();
            HashSet<string> queued = [.. Queued(), .. _removed, .. _orders.SelectMany(static order => order.Removes())];
            Assert.All(_accepted, name => Assert.True(_delivered.ContainsKey(name) || _reported.ContainsKey(name) || queued.Contains(name), $"{name} is lost."));
        }

        // Lets everything run to its end without further trouble. What was refused but stored is found by a restart.
        public void Settle()
        {
            _calm = true;
            _fixture.Relay.Holds = false;
            _fixture.Relay.FinishAll();
            _fixture.Context.Drain();
            _fixture.Restart();
            Task<QueueOrderResult>? release = null;
            _fixture.Context.Post(_ => release = _fixture.Queue.Desk.OrderAsync(new QueueOrder(QueueAction.Release, "the test") { Filter = new QueueFilter(), Most = QueueDesk.MostOrdered }), null);
            _fixture.Context.Drain();
            Assert.True(release!.IsCompletedSuccessfully);
            NoteOrders();
            Assert.Empty(_orders);
            _held.Clear();
            for (int i = 0; i < 200 && _fixture.Storage.Items().Count > 0; i++)
                _fixture.Advance(TimeSpan.FromMinutes(10));
        }

        public void CheckAtTheEnd()
        {
            QueueSnapshot snapshot = _fixture.Snapshot;
            Assert.Equal((0, 0, 0, 0), (snapshot.Waiting, snapshot.Ready, snapshot.Active, snapshot.Recording));
            Assert.Equal(0, snapshot.Domains);
            Assert.Empty(_fixture.Storage.Items());
            Assert.All(_accepted, name => Assert.Equal(1, _delivered.GetValueOrDefault(name) + _reported.GetValueOrDefault(name) + (_removed.Contains(name) ? 1 : 0)));
        }

        public void Dispose() => _fixture.Dispose();

        private void Enqueue()
        {
            string[] to = [.. Enumerable.Range(0, 1 + _random.Next(4)).Select(_ => $"u{_names++}@d{_random.Next(3)}.example")];
            Envelope envelope = _fixture.Envelope(to: to);
            if (_random.Next(2) == 0)
                envelope = envelope with { Terms = MakeTerms(), Recipients = [.. envelope.Recipients.Select(static recipient => recipient with { Notify = DsnNotify.Failure })] };
            if (_fixture.Enqueue(envelope).Reply.IsPositive)
                _accepted.UnionWith(to);
        }

        // An operator at work. Reports are not thrown away, so that one always arrives.
        private void Order()
        {
            var action = (QueueAction)_random.Next(5);
            QueueItem[] items = [.. _fixture.Storage.Items().Where(item => action < QueueAction.Remove || !item.Envelope.ReversePath.IsNull).OrderBy(_ => _random.Next()).Take(_random.Next(1, 12))];
            QueueId[] ids = [.. items.Select(static item => item.Envelope.Id)];
            if (action == QueueAction.Release)
                _held.ExceptWith(ids);
            Task<QueueOrderResult>? task = null;
            _fixture.Context.Post(_ => task = _fixture.Queue.Desk.OrderAsync(new QueueOrder(action, "the test") { Ids = ids }), null);
            _fixture.Context.Drain();
            _orders.Add(new GivenOrder(action, items, task!));
            NoteOrders();
        }

        private void OrderHops()
        {
            string hop = $"d{_random.Next(3)}.example";
            switch (_random.Next(4))
            {
                case 0:
                    _fixture.Tell(desk => desk.SuspendHop(hop, "the test"));
                    break;
                case 1:
                    _fixture.Tell(static desk => desk.Pause("the test"));
                    break;
                case 2:
                    _fixture.Tell(static desk => desk.Resume("the test"));
                    break;
                default:
                    _fixture.Tell(desk => desk.ResumeHop(hop, "the test"));
                    break;
            }
        }

        private void NoteOrders()
        {
            foreach (GivenOrder order in _orders.Where(static order => order.Ended.IsCompleted).ToArray())
            {
                _orders.Remove(order);
                foreach (OrderedItem item in order.Ended.GetAwaiter().GetResult().Items)
                {
                    if (order.Action == QueueAction.Hold && item.Outcome is OrderOutcome.Done)
                        _held.Add(item.Id);
                    if (order.Action == QueueAction.Remove && item.Outcome is OrderOutcome.Done or OrderOutcome.Pending)
                        _removed.UnionWith(order.Removes().Where(name => order.Items.Any(asked => asked.Envelope.Id == item.Id && OpenOf(asked).Contains(name))));
                }
            }
        }

        private static IEnumerable<string> OpenOf(QueueItem item) =>
            item.Envelope.Recipients.Where((_, i) => item.State.Recipients[i].Phase == RecipientPhase.Open).Select(static recipient => recipient.Address.Address);

        private sealed record GivenOrder(QueueAction Action, QueueItem[] Items, Task<QueueOrderResult> Ended)
        {
            public IEnumerable<string> Removes() => Action == QueueAction.Remove ? Items.SelectMany(OpenOf) : [];
        }

        // Of anything that can be asked. Only failures are reported, so that a report always means the end.
        private DeliveryTerms MakeTerms()
        {
            DateTimeOffset now = _fixture.Time.GetUtcNow();
            DateTimeOffset? until = _random.Next(3) == 0 ? now.AddSeconds(_random.Next(1, 10_000)) : null;
            DeliverBy? by = _random.Next(2) == 0 ? new DeliverBy((until ?? now).AddSeconds(_random.Next(1, 4000)), (DeliverByMode)_random.Next(2)) : null;
            return new DeliveryTerms { HoldUntil = until, By = by, Priority = _random.Next(-9, 10) };
        }

        // Who is open, or stands in a report that is queued.
        private HashSet<string> Queued() =>
            [.. _fixture.Storage.Items().Where(item => item.Envelope.ReversePath.IsNull).SelectMany(item => ReadReport(item.Envelope)), .. _fixture.Storage.Items().SelectMany(item => item.Envelope.Recipients.Where((_, i) => item.State.Recipients[i].Phase == RecipientPhase.Open)).Select(recipient => recipient.Address.Address)];

        private DeliveryReport Attempt(Envelope envelope, DeliveryAttempt attempt)
        {
            Assert.DoesNotContain(envelope.Id, _held);
            if (envelope.ReversePath.IsNull)
            {
                foreach (string name in ReadReport(envelope))
                    Count(_reported, name);
                return Replies.Delivered(attempt);
            }

            if (_calm)
                return Deliver(attempt, attempt.Recipients.Select(static _ => Kept));
            switch (_random.Next(8))
            {
                case 0:
                    return Replies.Down(attempt);
                case 1:
                    return Replies.All(attempt, Replies.Later, HopCondition.Busy);
                case 2:
                    throw new IOException("A fault of the relay.");
                default:
                    return Deliver(attempt, attempt.Recipients.Select(_ => _random.Next(4) switch { 0 => Replies.Never, 1 => Replies.Later, _ => Kept }));
            }
        }

        private DeliveryReport Deliver(DeliveryAttempt attempt, IEnumerable<RecipientOutcome> outcomes)
        {
            RecipientOutcome[] all = [.. outcomes];
            for (int i = 0; i < all.Length; i++)
            {
                if (all[i].Kind == OutcomeKind.Delivered)
                    Count(_delivered, attempt.Recipients[i].Address.Address);
            }

            return new DeliveryReport(all);
        }

        private static string[] ReadReport(Envelope envelope)
        {
            using Stream stream = envelope.OpenStream();
            using var message = MimeKit.MimeMessage.Load(stream);
            var status = (MimeKit.MessageDeliveryStatus)((MimeKit.MultipartReport)message.Body!)[1];
            return [.. status.StatusGroups.Skip(1).Select(group => group["Final-Recipient"]!["rfc822; ".Length..])];
        }

        private static void Count(Dictionary<string, int> counts, string name) => counts[name] = counts.GetValueOrDefault(name) + 1;
    }
}
