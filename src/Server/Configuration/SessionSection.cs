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
            MaxMessages = reader.Number(Name + nameof(plain.MaxMessages), plain.MaxMessages, 0, int.MaxValue),
            BareLineEnds = reader.Choice(Name + nameof(plain.BareLineEnds), plain.BareLineEnds),
            AllowNul = reader.Truth(Name + nameof(plain.AllowNul), plain.AllowNul),
            RefuseLongLines = reader.Truth(Name + nameof(plain.RefuseLongLines), plain.RefuseLongLines),
            RefuseEarlyContent = reader.Truth(Name + nameof(plain.RefuseEarlyContent), plain.RefuseEarlyContent),
            CommandTimeout = reader.Duration(Name + nameof(plain.CommandTimeout), plain.CommandTimeout),
            DataBlockTimeout = reader.Duration(Name + nameof(plain.DataBlockTimeout), plain.DataBlockTimeout),
            DataBlockOctets = reader.Number(Name + nameof(plain.DataBlockOctets), plain.DataBlockOctets, 1, int.MaxValue),
            FarewellTimeout = reader.Duration(Name + nameof(plain.FarewellTimeout), plain.FarewellTimeout),
            MaxSessionTime = reader.DurationOrOff(Name + nameof(plain.MaxSessionTime), plain.MaxSessionTime),
            MinDataRate = reader.Number(Name + nameof(plain.MinDataRate), plain.MinDataRate, 0, 1_000_000_000),
            MinDataRateWindow = reader.Duration(Name + nameof(plain.MinDataRateWindow), plain.MinDataRateWindow),
        };
    }
}
