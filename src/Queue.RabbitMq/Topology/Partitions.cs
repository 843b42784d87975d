using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Queue.RabbitMq.Topology;

/// <summary>
/// Which work queue a destination's mail waits in, and which worker a queue prefers. All processes come to the same result, without asking anybody. Pure.
/// </summary>
internal static class Partitions
{
    /// <summary>How many work queues there are. Part of the topology's version.</summary>
    public const int Count = 8;

    private const int MostPreferred = 1000;

    /// <summary>The work queue of a domain.</summary>
    /// <param name="domain">In lower case.</param>
    public static int Of(string domain) => (int)(Hash(domain) % Count);

    /// <summary>
    /// How much a worker is preferred by a queue: each worker is the first choice of about as many queues, and when one comes or goes only its own queues
    /// change hands (rendezvous hashing). The broker knows no more than the number.
    /// </summary>
    public static int PreferenceOf(string worker, int partition) => (int)(Hash($"{partition}:{worker}") % MostPreferred);

    /// <summary>Of the work queues that a worker has, those that are more than its part where each is one worker's.</summary>
    /// <param name="ours">The ones that it has.</param>
    /// <param name="workers">How many workers there are, itself included.</param>
    public static IEnumerable<int> MoreThanPart(IReadOnlyList<int> ours, int workers) => ours.Skip((Count + workers - 1) / workers);

    // A checksum, mixed so that every bit of it decides.
    private static uint Hash(string text)
    {
        uint hash = Crc32C.Compute(Encoding.UTF8.GetBytes(text));
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}
