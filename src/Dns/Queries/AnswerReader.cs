using DnsClient;
using DnsClient.Protocol;

namespace SlimtaFast.Dns.Queries;

/// <summary>Turns a server's response into an answer: which records count, what their absence means, and how long it holds.</summary>
internal static class AnswerReader
{
    /// <summary>Records of one answer that are taken; a hostile zone may hold thousands.</summary>
    public const int MostRecords = 100;

    private const int LongestChain = 16;

    /// <summary>Reads the answer to a question for <paramref name="name"/>.</summary>
    /// <param name="response">What the server said.</param>
    /// <param name="name">The question's name without the final dot.</param>
    /// <param name="type">The question's type.</param>
    /// <param name="read">Makes our record of the server's; null to leave one out.</param>
    /// <param name="options">Bounds of the times.</param>
    public static DnsAnswer<T> Read<T>(
        IDnsQueryResponse response, string name, QueryType type, Func<DnsResourceRecord, (bool IsUsable, T Record)> read, DnsResolverOptions options)
    {
        var code = (DnsHeaderResponseCode)response.Header.ResponseCode;
        bool isAuthentic = response.Header.IsAuthenticData;
        if (code == DnsHeaderResponseCode.NotExistentDomain)
            return new DnsAnswer<T>(DnsStatus.NoSuchName, [], GetNegativeTime(response, options), isAuthentic);
        if (code != DnsHeaderResponseCode.NoError)
            return new DnsAnswer<T>(DnsStatus.Failed, [], options.FailureTimeToLive, Problem: $"The server answered {code}.");
        string owner = FollowAliases(response, name, out int timeToLive);
        var records = new List<T>();
        foreach (DnsResourceRecord record in response.Answers)
        {
            // What stands in an answer but does not belong to the question is nobody's word.
            if ((int)record.RecordType != (int)type || !IsSame(record.DomainName, owner) || records.Count >= MostRecords)
                continue;
            (bool isUsable, T made) = read(record);
            if (!isUsable)
                continue;
            records.Add(made);
            timeToLive = Math.Min(timeToLive, record.InitialTimeToLive);
        }

        if (records.Count == 0)
            return new DnsAnswer<T>(DnsStatus.NoRecords, [], GetNegativeTime(response, options), isAuthentic);
        return new DnsAnswer<T>(DnsStatus.Found, records, Bound(timeToLive, options.MaxTimeToLive), isAuthentic);
    }

    /// <summary>A name of the DNS as we write names: lower case, without the final dot.</summary>
    public static string Normalize(string name) => name.TrimEnd('.').ToLowerInvariant();

    // The name at the end of the CNAME records that lead away from the question's.
    private static string FollowAliases(IDnsQueryResponse response, string name, out int timeToLive)
    {
        timeToLive = int.MaxValue;
        for (int i = 0; i < LongestChain; i++)
        {
            CNameRecord? alias = response.Answers.CnameRecords().FirstOrDefault(record => IsSame(record.DomainName, name));
            if (alias is null)
                break;
            name = Normalize(alias.CanonicalName.Value);
            timeToLive = Math.Min(timeToLive, alias.InitialTimeToLive);
        }

        return name;
    }

    private static bool IsSame(DnsString owner, string name) => Normalize(owner.Value).Equals(name, StringComparison.OrdinalIgnoreCase);

    // RFC 2308 section 5: the lesser of the SOA record's TTL and its minimum field.
    private static TimeSpan GetNegativeTime(IDnsQueryResponse response, DnsResolverOptions options)
    {
        foreach (DnsResourceRecord record in response.Authorities)
        {
            if (record is SoaRecord soa)
                return Bound((int)Math.Min(soa.InitialTimeToLive, Math.Min(soa.Minimum, int.MaxValue)), options.MaxNegativeTimeToLive);
        }

        return options.FailureTimeToLive;
    }

    private static TimeSpan Bound(int seconds, TimeSpan most)
    {
        // RFC 2181 section 8: a TTL with the highest bit set is zero.
        TimeSpan time = TimeSpan.FromSeconds(Math.Max(0, seconds));
        return time < most ? time : most;
    }
}
