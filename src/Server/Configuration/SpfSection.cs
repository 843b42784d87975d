using SlimtaFast.Edge;
using SlimtaFast.Mail;
using SlimtaFast.MailAuth;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Spf</c>: what is done where a client may not use its sender's domain.</summary>
internal static class SpfSection
{
    private const string Name = "Spf:";
    private const string NoAction = "accept";

    /// <summary>Reads the section.</summary>
    /// <param name="reader">The settings.</param>
    /// <param name="hostName">The name that header fields bear where the section gives none.</param>
    public static SpfSettings Read(SettingsReader reader, string hostName)
    {
        string serverId = reader.Parsed(Name + nameof(SpfCheckOptions.ServerId), hostName, HostNameText.Parse);
        SpfSetting check = reader.Choice(Name + "Check", SpfSetting.Off);
        var plain = new SpfCheckOptions { ServerId = serverId };
        var evaluation = new SpfOptions();
        var actions = new Dictionary<MailAuthResult, SpfAction>();
        foreach (MailAuthResult result in Enum.GetValues<MailAuthResult>())
            actions[result] = reader.Parsed(Name + result, NoAction, SpfAction.Parse);
        return new SpfSettings(
            check,
            plain with
            {
                Stage = check == SpfSetting.Recipient ? SpfStage.Recipient : SpfStage.Mail,
                Actions = actions,
                ChecksHello = reader.Truth(Name + "Hello", plain.ChecksHello),
                AllowNetworks = reader.List(Name + nameof(plain.AllowNetworks), [], TrustedNetwork.Parse),
                AllowSenders = reader.List(Name + nameof(plain.AllowSenders), [], ParseSender),
                AddsReceivedSpf = reader.Truth(Name + "ReceivedSpf", plain.AddsReceivedSpf),
                AddsAuthenticationResults = reader.Truth(Name + "AuthenticationResults", plain.AddsAuthenticationResults),
                GreylistDelay = reader.Duration(Name + nameof(plain.GreylistDelay), plain.GreylistDelay),
                GreylistWindow = reader.Duration(Name + nameof(plain.GreylistWindow), plain.GreylistWindow),
                GreylistLife = reader.Duration(Name + nameof(plain.GreylistLife), plain.GreylistLife),
                MaxGreylisted = reader.Number(Name + nameof(plain.MaxGreylisted), plain.MaxGreylisted, 1, 10_000_000),
            },
            evaluation with
            {
                Receiver = serverId,
                Timeout = reader.Duration(Name + nameof(evaluation.Timeout), evaluation.Timeout),
                MaxVoidLookups = reader.Number(Name + nameof(evaluation.MaxVoidLookups), evaluation.MaxVoidLookups, 0, 10),
                MaxCachedResults = reader.Number(Name + nameof(evaluation.MaxCachedResults), evaluation.MaxCachedResults, 0, 10_000_000),
            });
    }

    // An address, a domain, or .domain for all names below it.
    private static string ParseSender(string text)
    {
        if (!text.Contains('@', StringComparison.Ordinal))
            return AcceptedDomain.Parse(text);
        return Mailbox.TryParse(text, out Mailbox sender) && !sender.Domain.IsEmpty ? text : throw new FormatException($"'{text}' is not an address");
    }
}
