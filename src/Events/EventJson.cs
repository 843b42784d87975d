using System.Text.Encodings.Web;
using System.Text.Json;
using SlimtaFast.Mail;

namespace SlimtaFast.Events;

/// <summary>An event as a JSON object: what docs/observability.md lists, without what is not known. Control characters are escaped, so that it is one line.</summary>
public static class EventJson
{
    /// <summary>How a writer has to be made for it: text stays readable, but quotes and control characters are escaped.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an event.</summary>
    public static void Write(Utf8JsonWriter json, MailEvent what)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(what);
        json.WriteStartObject();
        json.WriteString("time"u8, what.Time.UtcDateTime);
        json.WriteString("event"u8, NameOf(what.Kind));
        if (!what.Id.IsNone)
            json.WriteString("queueId"u8, what.Id.ToString());
        if (!what.Session.IsNone)
            json.WriteString("sessionId"u8, what.Session.ToString());
        if (what.Sender is { } sender)
            json.WriteString("sender"u8, sender.Address);
        if (what.Recipient is { } recipient)
            json.WriteString("recipient"u8, recipient.Address);
        WriteText(json, "nextHop"u8, what.NextHop);
        WriteText(json, "remote"u8, what.RemoteName);
        if (!what.Reply.IsNone)
            WriteReply(json, what.Reply);
        if (what.Attempt > 0)
            json.WriteNumber("attempt"u8, what.Attempt);
        WriteText(json, "client"u8, what.Client?.ToString());
        WriteText(json, "reason"u8, what.Reason);
        WriteText(json, "by"u8, what.By);
        json.WriteEndObject();
    }

    private static void WriteReply(Utf8JsonWriter json, SmtpReply reply)
    {
        json.WriteNumber("replyCode"u8, reply.Code);
        if (!reply.Status.IsNone)
            json.WriteString("enhancedStatus"u8, reply.Status.ToString());
        json.WriteString("replyText"u8, reply.Text);
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is { Length: > 0 })
            json.WriteString(name, text);
    }

    private static ReadOnlySpan<byte> NameOf(MailEventKind kind) => kind switch
    {
        MailEventKind.Delivered => "delivered"u8,
        MailEventKind.Deferred => "deferred"u8,
        MailEventKind.Bounced => "bounced"u8,
        MailEventKind.Held => "held"u8,
        MailEventKind.Released => "released"u8,
        MailEventKind.Removed => "removed"u8,
        MailEventKind.Retried => "retried"u8,
        MailEventKind.Rerouted => "rerouted"u8,
        _ => "refused"u8,
    };
}
