using SlimtaFast.Protocol;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Session</c>: how the SMTP dialogue with clients behaves.</summary>
internal static class SessionSection
{
    private const string Name = "Session:";

    /// <summary>Reads the section.</summary>
    public static SmtpServerOptions Read(SettingsReader reader, long maxMessageSize, int maxRecipients)
    {
        var plain = new SmtpServerOptions();
        return plain with
        {
            MaxMessageSize = maxMessageSize,
            MaxRecipients = maxRecipients,
            MaxCommandLine = reader.Number(Name + nameof(plain.MaxCommandLine), plain.MaxCommandLine, 512, 1_000_000),
            MaxDiscard = reader.Size(Name + nameof(plain.MaxDiscard), plain.MaxDiscard),
            MaxErrors = reader.Number(Name + nameof(plain.MaxErrors), plain.MaxErrors, 1, 1_000_000),
            MaxJunkCommands = reader.Number(Name + nameof(plain.MaxJunkCommands), plain.MaxJunkCommands, 1, 1_000_000),
            MaxRefusals = reader.Number(Name + nameof(plain.MaxRefusals), plain.MaxRefusals, 0, 1_000_000),
            MaxCommands = reader.Number(Name + nameof(plain.MaxCommands), plain.MaxCommands, 0, int.MaxValue),
            BareLineEnds = reader.Choice(Name + nameof(plain.BareLineEnds), plain.BareLineEnds),
            AllowNul = reader.Truth(Name + nameof(plain.AllowNul), plain.AllowNul),
            RefuseLongLines = reader.Truth(Name + nameof(plain.RefuseLongLines), plain.RefuseLongLines),
            MaxMessagesPerSession = reader.Number(Name + nameof(plain.MaxMessagesPerSession), plain.MaxMessagesPerSession, 0, 1_000_000),
            MaxDomainsPerMessage = reader.Number(Name + nameof(plain.MaxDomainsPerMessage), plain.MaxDomainsPerMessage, 0, 1_000_000),
            Limits = reader.Truth(Name + nameof(plain.Limits), plain.Limits),
            BinaryMime = reader.Truth(Name + nameof(plain.BinaryMime), plain.BinaryMime),
            DeliverBy = reader.Truth(Name + nameof(plain.DeliverBy), plain.DeliverBy),
            DeliverByLeast = WholeSeconds(reader, Name + nameof(plain.DeliverByLeast)),
            MtPriority = reader.Truth(Name + nameof(plain.MtPriority), plain.MtPriority),
            FutureRelease = WholeSeconds(reader, Name + nameof(plain.FutureRelease)),
            RefuseEarlyContent = reader.Truth(Name + nameof(plain.RefuseEarlyContent), plain.RefuseEarlyContent),
            RefuseEarlyCommands = reader.Truth(Name + nameof(plain.RefuseEarlyCommands), plain.RefuseEarlyCommands),
            RefuseEarlyTalkers = reader.Truth(Name + nameof(plain.RefuseEarlyTalkers), plain.RefuseEarlyTalkers),
            CommandTimeout = reader.Duration(Name + nameof(plain.CommandTimeout), plain.CommandTimeout),
            DataBlockTimeout = reader.Duration(Name + nameof(plain.DataBlockTimeout), plain.DataBlockTimeout),
            DataBlockOctets = reader.Number(Name + nameof(plain.DataBlockOctets), plain.DataBlockOctets, 1, int.MaxValue),
            FarewellTimeout = reader.Duration(Name + nameof(plain.FarewellTimeout), plain.FarewellTimeout),
            MaxSessionTime = reader.DurationOrOff(Name + nameof(plain.MaxSessionTime), plain.MaxSessionTime),
            MinDataRate = reader.Number(Name + nameof(plain.MinDataRate), plain.MinDataRate, 0, 1_000_000_000),
            MinDataRateWindow = reader.Duration(Name + nameof(plain.MinDataRateWindow), plain.MinDataRateWindow),
        };
    }

    // None by default; what EHLO tells of it are seconds of at most nine digits.
    private static TimeSpan WholeSeconds(SettingsReader reader, string key)
    {
        const long Most = 999_999_999;
        TimeSpan duration = reader.Duration(key, TimeSpan.Zero);
        if (duration.Ticks % TimeSpan.TicksPerSecond == 0 && duration.Ticks <= Most * TimeSpan.TicksPerSecond)
            return duration;
        reader.Refuse(key, "must be whole seconds, and not more than 999999999 of them");
        return TimeSpan.Zero;
    }
}
