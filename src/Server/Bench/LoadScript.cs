using System.Buffers;
using System.Globalization;
using System.Text;

namespace SlimtaFast.Server.Bench;

/// <summary>The bytes that every connection of a run sends, made once. Immutable and thread-safe.</summary>
internal sealed class LoadScript
{
    private const int LineLength = 78;

    private readonly LoadAddressing[] _domains;
    private int _last = -1;

    /// <summary>Writes the bytes.</summary>
    public LoadScript(LoadPlan plan)
    {
        byte[] mail = Encoding.ASCII.GetBytes($"MAIL FROM:<{plan.From}>\r\n");
        byte[] content = MakeContent(plan);
        Recipients = plan.Recipients;
        Mode = plan.Mode;
        Octets = content.Length;
        Mail = new ReadOnlySequence<byte>(mail);
        byte[] data = [.. content, .. ".\r\n"u8];
        Content = new ReadOnlySequence<byte>(data);
        byte[] chunk = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"BDAT {content.Length} LAST\r\n"));
        _domains = [.. Domains(plan).Select(domain => Address(plan.Recipients, domain, mail, [.. chunk, .. content]))];
    }

    /// <summary>How commands are grouped.</summary>
    public LoadMode Mode { get; }

    /// <summary>RCPT commands of one message.</summary>
    public int Recipients { get; }

    /// <summary>Octets of one message.</summary>
    public int Octets { get; }

    /// <summary>MAIL.</summary>
    public ReadOnlySequence<byte> Mail { get; }

    /// <summary>The content with its final dot; no line of it begins with a dot.</summary>
    public ReadOnlySequence<byte> Content { get; }

    /// <summary>DATA.</summary>
    public static ReadOnlySequence<byte> Data { get; } = new("DATA\r\n"u8.ToArray());

    /// <summary>EHLO.</summary>
    public static ReadOnlySequence<byte> Hello { get; } = new("EHLO bench.test\r\n"u8.ToArray());

    /// <summary>STARTTLS.</summary>
    public static ReadOnlySequence<byte> StartTls { get; } = new("STARTTLS\r\n"u8.ToArray());

    /// <summary>RSET.</summary>
    public static ReadOnlySequence<byte> Reset { get; } = new("RSET\r\n"u8.ToArray());

    /// <summary>QUIT.</summary>
    public static ReadOnlySequence<byte> Quit { get; } = new("QUIT\r\n"u8.ToArray());

    /// <summary>To whom the next message goes; domains take turns.</summary>
    public LoadAddressing NextAddressing() => _domains.Length == 1 ? _domains[0] : _domains[(uint)Interlocked.Increment(ref _last) % (uint)_domains.Length];

    private static IEnumerable<string> Domains(LoadPlan plan) => plan.RecipientDomains == 1
        ? [plan.RecipientDomain]
        : Enumerable.Range(0, plan.RecipientDomains).Select(i => string.Create(CultureInfo.InvariantCulture, $"d{i}.{plan.RecipientDomain}"));

    private static LoadAddressing Address(int count, string domain, byte[] mail, byte[] chunk)
    {
        byte[] recipients = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"RCPT TO:<to{i}@{domain}>\r\n"))));
        byte[] group = [.. mail, .. recipients, .. "DATA\r\n"u8];
        byte[] whole = [.. mail, .. recipients, .. chunk];
        return new LoadAddressing(new ReadOnlySequence<byte>(recipients), new ReadOnlySequence<byte>(group), new ReadOnlySequence<byte>(whole));
    }

    private static byte[] MakeContent(LoadPlan plan)
    {
        byte[] head = Encoding.ASCII.GetBytes(
            $"From: <{plan.From}>\r\nTo: <to0@{plan.RecipientDomain}>\r\nSubject: load\r\nMessage-Id: <load@bench.test>\r\nDate: Mon, 23 Nov 2026 00:00:00 +0000\r\n\r\n");
        byte[] content = new byte[Math.Max(plan.Size, head.Length + 2)];
        content.AsSpan().Fill((byte)'X');
        head.CopyTo(content, 0);
        for (int end = head.Length + LineLength; end < content.Length - 2; end += LineLength)
            "\r\n"u8.CopyTo(content.AsSpan(end - 2));
        "\r\n"u8.CopyTo(content.AsSpan(content.Length - 2));
        return content;
    }
}
