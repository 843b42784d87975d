using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Policies;

/// <summary>
/// Adds the trace field of RFC 5321 section 4.4: from, by, with (RFC 3848, RFC 6531), id, the recipient where there is only one (more
/// would tell blind copies), and the date.
/// </summary>
internal sealed class AddReceivedHeader : IQueuePolicy
{
    // Names, addresses, an id, a date and the longest mailbox in UTF-8 fit.
    private const int Longest = 3072;

    private readonly byte[] _hostName;

    /// <summary>Makes the policy; the name is used for messages whose client facts have no server name.</summary>
    public AddReceivedHeader(string hostName) => _hostName = FieldBuilder.CleanName(hostName);

    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        Envelope envelope = message.Envelope;
        ClientFacts client = envelope.Client;
        var field = new FieldBuilder(stackalloc byte[Longest]);
        field.Append("Received:"u8);
        AppendFrom(ref field, client);
        field.Append(" by "u8);
        if (client.ServerName.Length > 0)
            field.AppendName(client.ServerName);
        else
            field.Append(_hostName);
        AppendWith(ref field, envelope);
        field.Append("\r\n id "u8);
        field.AppendId(envelope.Id);
        AppendFor(ref field, envelope);
        field.Append(";\r\n "u8);
        field.AppendDate(envelope.ReceivedAt);
        field.Append("\r\n"u8);
        message.PrependFields(field.Written);
        return ValueTask.CompletedTask;
    }

    // from HELO-NAME (HOST-NAME [ADDRESS])
    private static void AppendFrom(ref FieldBuilder field, ClientFacts client)
    {
        if (client.Address is null && client.HelloName.Length == 0)
            return;
        field.Append(" from "u8);
        field.AppendName(client.HelloName);
        if (client.Address is not null)
        {
            field.Append(" ("u8);
            if (client.HostName is not null)
            {
                field.AppendName(client.HostName);
                field.Append(" "u8);
            }

            field.AppendAddress(client.Address);
            field.Append(")"u8);
        }

        field.Append("\r\n"u8);
    }

    private static void AppendWith(ref FieldBuilder field, Envelope envelope)
    {
        ReadOnlySpan<char> protocol = envelope.Client.Protocol;
        field.Append(" with "u8);
        if (envelope.SmtpUtf8 && (protocol.StartsWith("ESMTP") || protocol.StartsWith("LMTP")))
        {
            // RFC 6531 section 4.3: ESMTPSA is UTF8SMTPSA, LMTP is UTF8LMTP.
            field.Append("UTF8"u8);
            protocol = protocol[0] == 'E' ? protocol[1..] : protocol;
        }

        field.AppendName(protocol);
        if (envelope.Client.Tls is { Length: > 0 } tls)
        {
            field.Append("\r\n (using "u8);
            field.AppendComment(tls);
            field.Append(")"u8);
        }
    }

    private static void AppendFor(ref FieldBuilder field, Envelope envelope)
    {
        if (envelope.Recipients.Count != 1)
            return;
        Mailbox recipient = envelope.Recipients[0].Address;
        if (recipient.NeedsUtf8 && !envelope.SmtpUtf8)
            return;
        field.Append("\r\n for <"u8);
        field.AppendMailbox(recipient);
        field.Append(">"u8);
    }
}
