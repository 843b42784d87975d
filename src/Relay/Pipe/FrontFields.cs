using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>The header fields of final delivery, in front of a message.</summary>
internal static class FrontFields
{
    /// <summary>The fields, each ended by CRLF, the one of the last hop first.</summary>
    /// <param name="sender">For Return-Path, or null for none.</param>
    /// <param name="recipient">For Delivered-To, or null for none.</param>
    public static byte[] Make(Mailbox? sender, Mailbox? recipient)
    {
        if (sender is null && recipient is null)
            return [];
        var fields = new StringBuilder();
        if (sender is { } from)
            fields.Append("Return-Path: <").Append(from.Address).Append(">\r\n");
        if (recipient is { } to)
            fields.Append("Delivered-To: ").Append(to.Address).Append("\r\n");
        return Encoding.UTF8.GetBytes(fields.ToString());
    }
}
