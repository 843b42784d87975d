using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Spf;

/// <summary>
/// Remembers who was told to come back, and who did. Bounded: the pair that was seen longest ago is forgotten first. Thread-safe; a question
/// holds one short lock.
/// </summary>
internal sealed class Greylist(TimeSpan delay, TimeSpan window, TimeSpan life, int most, TimeProvider time)
{
    // A large sender retries from a neighbouring address.
    private const int Prefix4 = 24;
    private const int Prefix6 = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(ClientKey Client, UInt128 Sender), LinkedListNode<GreylistEntry>> _entries = [];
    private readonly LinkedList<GreylistEntry> _lastSeen = [];

    /// <summary>True where client and sender came back in time, or have been welcome since; else they are noted.</summary>
    public bool IsWelcome(IPAddress? client, Mailbox sender)
    {
        // A client without an address is a process of this machine.
        if (client is null)
            return true;
        (ClientKey, UInt128) key = (ClientKey.Of(client, Prefix4, Prefix6), HashOf(sender));
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            if (_entries.Remove(key, out LinkedListNode<GreylistEntry>? node))
                _lastSeen.Remove(node);
            GreylistEntry entry = node?.Value is { } known && now - (known.HasReturned ? known.Last : known.First) <= (known.HasReturned ? life : window)
                ? known with { Last = now, HasReturned = known.HasReturned || now - known.First >= delay }
                : new GreylistEntry(key, now, now, HasReturned: false);
            if (_entries.Count >= Math.Max(1, most))
            {
                _entries.Remove(_lastSeen.First!.Value.Key);
                _lastSeen.RemoveFirst();
            }

            _entries[key] = _lastSeen.AddLast(entry);
            return entry.HasReturned;
        }
    }

    // The address itself could be long, and there are many.
    private static UInt128 HashOf(Mailbox sender)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(sender.Address.ToLowerInvariant()), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
