using SlimtaFast.Protocol.Transport.Pipes;

namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>
/// The connections of a reactor that have a deadline, in buckets of one second. Moving a deadline later touches no bucket: the
/// connection is looked at when its old bucket comes up and then moves on, so that a deadline set for every command costs a store.
/// Belongs to the reactor thread.
/// </summary>
internal sealed class DeadlineWheel(CoarseClock clock)
{
    private const int Buckets = 512;

    private readonly ReactorConnection?[] _buckets = new ReactorConnection?[Buckets];
    private long _swept = clock.Now / CoarseClock.Resolution;

    /// <summary>Connections in the wheel.</summary>
    public int Count { get; private set; }

    /// <summary>Makes sure that the connection is looked at when its deadline passes.</summary>
    public void Schedule(ReactorConnection connection)
    {
        if (Count == 0)
        {
            // Nobody sweeps an empty wheel, so its hand may stand anywhere.
            _swept = clock.Now / CoarseClock.Resolution;
        }

        long due = Math.Min((connection.Deadline + CoarseClock.Resolution - 1) / CoarseClock.Resolution, _swept + Buckets - 1);
        due = Math.Max(due, _swept + 1);
        if (connection.Bucket >= 0)
        {
            if (connection.Bucket <= due)
            {
                return;
            }

            Remove(connection);
        }

        ref ReactorConnection? head = ref _buckets[due % Buckets];
        connection.Bucket = due;
        connection.NextDue = head;
        if (head is not null)
        {
            head.PreviousDue = connection;
        }

        head = connection;
        Count++;
    }

    /// <summary>Takes a connection out, where it is in.</summary>
    public void Remove(ReactorConnection connection)
    {
        if (connection.Bucket < 0)
        {
            return;
        }

        if (connection.PreviousDue is { } previous)
        {
            previous.NextDue = connection.NextDue;
        }
        else
        {
            _buckets[connection.Bucket % Buckets] = connection.NextDue;
        }

        if (connection.NextDue is { } next)
        {
            next.PreviousDue = connection.PreviousDue;
        }

        connection.NextDue = null;
        connection.PreviousDue = null;
        connection.Bucket = -1;
        Count--;
    }

    /// <summary>Expires what is due.</summary>
    public void Sweep()
    {
        long now = clock.Now;
        long second = now / CoarseClock.Resolution;
        while (_swept < second && Count > 0)
        {
            // The hand moves first: what is scheduled meanwhile then never lands in the bucket that is being emptied.
            _swept++;
            ref ReactorConnection? head = ref _buckets[_swept % Buckets];
            while (head is { } connection)
            {
                Remove(connection);
                if (connection.Deadline <= now)
                {
                    connection.Expire();
                }
                else if (connection.Deadline != ReactorConnection.NoDeadline)
                {
                    Schedule(connection);
                }
            }
        }
    }
}
