using System.Collections.Concurrent;

namespace SlimtaFast.TestKit.Load;

/// <summary>
/// A next hop inside the test: takes every message, compares it octet for octet with what its token says, and counts who got what how
/// often. In front of the original only header fields that a server adds may stand, a Received field first.
/// </summary>
public sealed class CollectingSink : MessageSink
{
    private readonly ConcurrentDictionary<(string Token, string Recipient), int> _received = new();
    private readonly ConcurrentQueue<string> _torn = new();
    private int _messages;

    /// <summary>How often each recipient got each message.</summary>
    public IReadOnlyDictionary<(string Token, string Recipient), int> Received => _received;

    /// <summary>Messages that are not what was sent.</summary>
    public IReadOnlyCollection<string> Torn => _torn;

    /// <summary>Deliveries beyond the first of each.</summary>
    public int Duplicates => _received.Values.Sum(count => count - 1);

    /// <summary>Messages taken so far, whatever they were.</summary>
    public int Messages => Volatile.Read(ref _messages);

    /// <summary>True where every recipient of a message has got it.</summary>
    public bool HasAll(LoadMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Recipients.All(recipient => _received.ContainsKey((message.Token, recipient)));
    }

    /// <summary>Waits until all these messages have come; returns those that have not when nothing more came for the given time.</summary>
    public async Task<IReadOnlyList<LoadMessage>> WaitForAsync(IEnumerable<LoadMessage> messages, TimeSpan quiet)
    {
        var missing = messages.Where(message => !HasAll(message)).ToList();
        while (missing.Count > 0 && await NewsAsync(quiet))
            missing.RemoveAll(HasAll);
        missing.RemoveAll(HasAll);
        return missing;
    }

    /// <summary>Waits until so many messages have come, as long as some come within the given time.</summary>
    public async Task WaitForCountAsync(int messages, TimeSpan quiet)
    {
        while (Messages < messages && await NewsAsync(quiet))
        {
            // Counted elsewhere.
        }
    }

    /// <inheritdoc/>
    protected override void Take(IReadOnlyList<string> recipients, byte[] content)
    {
        if (Problem(content, out string? token) is { } problem)
            _torn.Enqueue(problem);
        else
        {
            foreach (string recipient in recipients)
                _received.AddOrUpdate((token!, recipient), 1, static (_, count) => count + 1);
        }

        Interlocked.Increment(ref _messages);
    }

    private static string? Problem(byte[] message, out string? token)
    {
        token = LoadMessage.FindToken(message);
        byte[]? expected = token is null ? null : LoadMessage.Octets(token);
        if (expected is null)
            return $"{message.Length} octets without a token";
        if (!message.AsSpan().EndsWith(expected))
            return $"{token}: {message.Length} octets do not end with the {expected.Length} that were sent";
        ReadOnlySpan<byte> added = message.AsSpan(0, message.Length - expected.Length);
        bool isHeader = added.StartsWith("Received: "u8) && added.EndsWith("\r\n"u8) && added.IndexOf("\r\n\r\n"u8) < 0;
        return isHeader ? null : $"{token}: what was put in front is no header: {System.Text.Encoding.Latin1.GetString(added)}";
    }
}
