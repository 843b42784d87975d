using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq.Messages;
using SlimtaFast.Queue.RabbitMq.Topology;
using SlimtaFast.Storage;

namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>The messages that the broker has handed to this process, by item. Thread-safe.</summary>
internal sealed class DeliveryTable
{
    // A later holder of an item that is known already must not be taken for the next one in line: what is known of the item is out of date.
    private const int EpochStep = 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<QueueId, HeldDelivery> _held = [];
    private readonly Queue<HeldDelivery> _inbox = new();
    private readonly SettledItems _settled = new();
    private readonly DomainShares _shares;
    private readonly int[] _counts = new int[Partitions.Count];
    private readonly int _prefetch;
    private readonly Action _notice;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private long _epoch = QueueLease.First;
    private long _octets;

    /// <summary>Makes an empty table.</summary>
    /// <param name="prefetch">How many messages of a work queue there are at once.</param>
    /// <param name="patience">How long to wait for messages to come back after a lost connection.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notice">Called when there is something for the queue that was not before; must be short.</param>
    public DeliveryTable(int prefetch, TimeSpan patience, TimeProvider time, Action notice)
    {
        _prefetch = prefetch;
        _notice = notice;

        // Half of the room, so that there is always some for others while these are quick.
        _shares = new DomainShares(Math.Max(1, prefetch / 2));
        _patience = patience;
        _time = time;
    }

    /// <summary>How many there are, and their octets.</summary>
    public (int Count, long Octets) Size
    {
        get
        {
            lock (_gate)
                return (_held.Count, _octets);
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<HeldDelivery> All
    {
        get
        {
            lock (_gate)
                return [.. _held.Values];
        }
    }

    /// <summary>Takes a message over.</summary>
    /// <param name="message">The message.</param>
    /// <param name="partition">Its work queue.</param>
    /// <param name="isAlone">True for one of those that are handed out one at a time.</param>
    /// <param name="run">The channel.</param>
    /// <param name="tag">Its tag there.</param>
    /// <param name="stale">An older copy that the message takes the place of, to be acknowledged; or null.</param>
    public ArrivalVerdict Add(ItemMessage message, int partition, bool isAlone, ConsumerRun run, ulong tag, out HeldDelivery? stale)
    {
        stale = null;
        int version = message.Head.Item.State.Version;
        lock (_gate)
        {
            // What a channel that has ended still had on its way to us is handed out anew, and would stand here for ever.
            if (!run.IsOpen)
                return ArrivalVerdict.Ended;
            if (_settled.Has(message.Id, version))
                return ArrivalVerdict.Superfluous;
            if (_held.TryGetValue(message.Id, out HeldDelivery? known))
            {
                if (known.Version == version && !known.Run.IsOpen)
                {
                    known.Rebind(run, tag);
                    return ArrivalVerdict.Again;
                }

                // The broker may hand out twice what it dead-lettered; and where a worker died between a state and the next, there are both.
                if (known.Version >= version)
                    return ArrivalVerdict.Superfluous;
                stale = known;
                Remove(known);
            }

            var delivery = new HeldDelivery(message, partition, isAlone, _epoch += EpochStep, run, tag, _patience, _time);
            _held.Add(message.Id, delivery);
            _octets += message.Body.Length;
            _counts[partition]++;
            _inbox.Enqueue(delivery);
            return ArrivalVerdict.New;
        }
    }

    /// <summary>Hands messages to the queue.</summary>
    /// <returns>True where there are more.</returns>
    public bool Claim(int max, TimeSpan lease, List<HeldDelivery> claimed)
    {
        long ends = EndOf(lease);
        lock (_gate)
        {
            while (claimed.Count < max && _inbox.TryDequeue(out HeldDelivery? delivery))
            {
                if (!delivery.IsOurs)
                {
                    // Its turn is the next one's.
                    if (_shares.Next(delivery.Domain) is { } next)
                        _inbox.Enqueue(next);
                    continue;
                }

                if (!_shares.TryTake(delivery))
                    continue;
                delivery.IsClaimed = true;
                delivery.LeaseEnds = ends;
                claimed.Add(delivery);
            }

            return _inbox.Count > 0;
        }
    }

    /// <summary>The message of an item; null where it is not here.</summary>
    public HeldDelivery? Find(QueueId id)
    {
        lock (_gate)
            return _held.GetValueOrDefault(id);
    }

    /// <summary>The message under a lease; null where that is over.</summary>
    public HeldDelivery? Find(QueueLease lease) => Find(lease.Id) is { } delivery && delivery.Epoch == lease.Epoch ? delivery : null;

    /// <summary>Has leases last longer; those that are over are in the result.</summary>
    public List<QueueLease> Renew(IReadOnlyList<QueueLease> leases, TimeSpan lease)
    {
        long ends = EndOf(lease);
        var lost = new List<QueueLease>();
        lock (_gate)
        {
            foreach (QueueLease renewed in leases)
            {
                if (_held.TryGetValue(renewed.Id, out HeldDelivery? delivery) && delivery.Epoch == renewed.Epoch)
                    delivery.LeaseEnds = ends;
                else
                    lost.Add(renewed);
            }
        }

        return lost;
    }

    /// <summary>Forgets what the queue has not renewed in time, because it gave its place up without a word, so that it can be given back.</summary>
    public List<HeldDelivery> TakeOverdue()
    {
        var overdue = new List<HeldDelivery>();
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            foreach (HeldDelivery delivery in _held.Values)
            {
                if (delivery.IsClaimed && delivery.LeaseEnds < now)
                    overdue.Add(delivery);
            }

            foreach (HeldDelivery delivery in overdue)
                Remove(delivery);
        }

        return overdue;
    }

    /// <summary>
    /// Forgets messages that stand behind others of their destination for longer than a time, where they take the room of a whole work queue, so that they can
    /// be sent away for a while.
    /// </summary>
    public List<HeldDelivery> TakeInTheWay(TimeSpan time)
    {
        lock (_gate)
        {
            long before = _time.GetTimestamp() - (long)(time.TotalSeconds * _time.TimestampFrequency);
            List<HeldDelivery> taken = [.. _shares.BehindSince(before).Where(delivery => delivery.IsOurs && _counts[delivery.Partition] >= _prefetch)];
            foreach (HeldDelivery delivery in taken)
                Remove(delivery);
            return taken;
        }
    }

    /// <summary>Remembers that an item is done with as it was delivered, before the broker is told.</summary>
    public void Settle(HeldDelivery delivery)
    {
        lock (_gate)
        {
            _settled.Add(delivery.Message.Id, delivery.Version);
            Remove(delivery);
        }
    }

    /// <summary>Forgets a message that somebody else gets.</summary>
    public void Leave(HeldDelivery delivery)
    {
        lock (_gate)
            Remove(delivery);
    }

    /// <summary>Forgets what nobody here has begun with, after its channel was lost: it is handed out anew.</summary>
    public void LeaveUnclaimed()
    {
        lock (_gate)
        {
            _inbox.Clear();
            foreach (HeldDelivery delivery in _held.Values.Where(static delivery => !delivery.IsClaimed && !delivery.Run.IsOpen).ToList())
                Remove(delivery);
        }
    }

    /// <summary>Gives up what did not come back after its channel was lost: another worker has it.</summary>
    public void LeaveLost()
    {
        lock (_gate)
        {
            foreach (HeldDelivery delivery in _held.Values.Where(static delivery => !delivery.Run.IsOpen).ToList())
                Remove(delivery);
        }
    }

    private long EndOf(TimeSpan lease) => _time.GetTimestamp() + (long)(lease.TotalSeconds * _time.TimestampFrequency);

    private void Remove(HeldDelivery delivery)
    {
        delivery.Leave();
        if (_held.TryGetValue(delivery.Message.Id, out HeldDelivery? present) && present == delivery)
        {
            _held.Remove(delivery.Message.Id);
            _octets -= delivery.Message.Body.Length;
            _counts[delivery.Partition]--;
            if (!delivery.IsClaimed)
            {
                _shares.Leave(delivery);
            }
            else if (_shares.Return(delivery.Domain) is { } next)
            {
                _inbox.Enqueue(next);
                _notice();
            }
        }
    }
}
