using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>What a macro stands for.</summary>
internal static class MacroValue
{
    /// <summary>The value; empty where there is none.</summary>
    public static ReadOnlySpan<char> Get(PipeMacro macro, Envelope envelope, Recipient recipient) => macro switch
    {
        PipeMacro.Sender => envelope.ReversePath.Address,
        PipeMacro.SenderLocal => envelope.ReversePath.IsNull ? default : envelope.ReversePath.LocalPart,
        PipeMacro.SenderDomain => envelope.ReversePath.Domain,
        PipeMacro.Recipient => recipient.Address.Address,
        PipeMacro.RecipientLocal => recipient.Address.LocalPart,
        PipeMacro.RecipientDomain => recipient.Address.Domain,
        PipeMacro.QueueId => envelope.Id.ToString(),
        PipeMacro.Size => envelope.Length.ToString(CultureInfo.InvariantCulture),
        PipeMacro.ClientAddress => envelope.Client.Address?.ToString(),
        PipeMacro.ClientHost => envelope.Client.HostName,
        PipeMacro.ClientHello => envelope.Client.HelloName,
        PipeMacro.ClientProtocol => envelope.Client.Protocol,
        PipeMacro.ClientUser => envelope.Client.Identity,
        PipeMacro.ClientTls => envelope.Client.Tls,
        PipeMacro.Server => envelope.Client.ServerName,
        _ => default,
    };
}
