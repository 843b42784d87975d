using SlimtaFast.Edge.Http;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Http</c>: how clients of mail over HTTP are served.</summary>
internal static class HttpSection
{
    private const string Name = "Http:";

    // What the web server reads ahead of a connection.
    private const int MostHeaderOctets = 1024 * 1024;

    /// <summary>Reads the section.</summary>
    public static HttpEdgeOptions Read(SettingsReader reader, IReadOnlyList<HttpEdgeListener> listen)
    {
        var plain = new HttpEdgeOptions();
        TimeSpan grace = reader.Duration(Name + nameof(plain.DataRateGrace), plain.DataRateGrace);
        if (grace <= TimeSpan.FromSeconds(1))
        {
            reader.Refuse(Name + nameof(plain.DataRateGrace), "must be longer than 1s");
            grace = plain.DataRateGrace;
        }

        long headerOctets = reader.Size(Name + nameof(plain.MaxHeaderOctets), plain.MaxHeaderOctets, least: 4096);
        if (headerOctets > MostHeaderOctets)
            reader.Refuse(Name + nameof(plain.MaxHeaderOctets), $"must be {MostHeaderOctets} at most");
        return plain with
        {
            Listen = listen,
            IdleTimeout = reader.Duration(Name + nameof(plain.IdleTimeout), plain.IdleTimeout),
            HeaderTimeout = reader.Duration(Name + nameof(plain.HeaderTimeout), plain.HeaderTimeout),
            MaxHeaderOctets = (int)Math.Min(headerOctets, MostHeaderOctets),
            MinDataRate = reader.Number(Name + nameof(plain.MinDataRate), plain.MinDataRate, 0, 1_000_000_000),
            DataRateGrace = grace,
        };
    }
}
