using System.Globalization;
using System.Net;
using System.Text;

namespace SlimtaFast.MailAuth.Tests.Spf.Peer;

/// <summary>
/// Zones full of policies that a seed makes, and requests about them: every mechanism, modifier and macro, mistakes, chains, names without records.
/// Everything is below <c>spf.test</c> or in the reverse zones of the clients.
/// </summary>
internal sealed class GeneratedZones
{
    private const int Hosts = 60;
    private const int Exchangers = 30;
    private const int Policies = 1500;
    private const int RequestsOfEach = 7;

    private readonly Random _random;
    private readonly StringBuilder _forward = new();
    private readonly StringBuilder _reverse4 = new();
    private readonly StringBuilder _reverse6 = new();

    public GeneratedZones(int seed)
    {
        _random = new Random(seed);
        for (int i = 0; i < Hosts; i++)
            AddHost($"h{i}");
        for (int i = 0; i < Exchangers; i++)
            AddExchangers($"m{i}");
        // One domain that has more exchangers than may be looked up, and names for exists.
        for (int i = 0; i < 12; i++)
            Line("many", "MX", $"{i} h{i}");
        Line("*.e", "A", "127.0.0.2");
        Line("x0", "TXT", Quote("Not from %{i} as %{s} by %{h}, %{c}"));
        Line("x1", "TXT", Quote("See http://spf.test/%{L}?%{D2r}"));
        Line("x2", "TXT", Quote("bad %{x}"));
        Line("x3", "TXT", Quote("one"));
        Line("x3", "TXT", Quote("two"));
        for (int i = 0; i < Policies; i++)
            AddPolicy($"d{i}");
        for (int i = 1; i < 32; i++)
            AddNames(i);
        for (int i = 0; i < Policies; i++)
        {
            for (int n = 0; n < RequestsOfEach; n++)
                Requests.Add(MakeRequest($"d{i}.spf.test"));
        }
    }

    /// <summary>The zones by name.</summary>
    public Dictionary<string, string> Zones => new()
    {
        ["spf.test"] = _forward.ToString(),
        ["2.0.192.in-addr.arpa"] = _reverse4.ToString(),
        ["8.b.d.0.1.0.0.2.ip6.arpa"] = _reverse6.ToString(),
    };

    /// <summary>The policies by domain, for whoever reads a difference.</summary>
    public Dictionary<string, string> Records { get; } = [];

    /// <summary>What to ask.</summary>
    public List<SpfRequest> Requests { get; } = [];

    private void AddHost(string name)
    {
        int kinds = _random.Next(10);
        for (int i = _random.Next(1, 4); i > 0 && kinds is < 6 or > 7; i--)
            Line(name, "A", Client4());
        for (int i = _random.Next(1, 3); i > 0 && kinds is >= 4 and < 8; i--)
            Line(name, "AAAA", Client6());
    }

    private void AddExchangers(string name)
    {
        for (int i = _random.Next(1, 4); i > 0; i--)
            Line(name, "MX", $"{i} {Pick($"h{_random.Next(Hosts)}", $"h{_random.Next(Hosts)}", $"h{_random.Next(Hosts)}", "v1")}");
        if (_random.Next(3) == 0)
            Line(name, "A", Client4());
    }

    private void AddPolicy(string name)
    {
        var terms = new List<string>();
        for (int i = _random.Next(0, 7); i > 0; i--)
            terms.Add(Term());
        if (_random.Next(3) > 0)
            terms.Add(Pick("-all", "~all", "?all", "+all", "-all", "ALL"));
        if (_random.Next(5) == 0)
            terms.Insert(_random.Next(terms.Count + 1), $"redirect={Target("d", Policies)}");
        if (_random.Next(3) == 0)
            terms.Insert(_random.Next(terms.Count + 1), $"exp={Pick("x0", "x1", "x2", "x3", "v2")}.spf.test");
        if (_random.Next(15) == 0)
            terms.Insert(_random.Next(terms.Count + 1), Mistake());
        string record = Pick("v=spf1", "v=spf1", "v=spf1", "V=SPF1") + string.Concat(terms.Select(term => Pick(" ", " ", "  ") + term)) + Pick("", "", " ");
        if (_random.Next(40) == 0)
            Line(name, "TXT", Quote("v=spf10 -all"));
        if (_random.Next(60) == 0)
            Line(name, "TXT", Quote("v=spf1 ?all"));
        if (_random.Next(30) > 0)
            Line(name, "TXT", Quote(record));
        if (_random.Next(3) == 0)
            AddHost(name);
        if (_random.Next(4) == 0)
            Line(name, "MX", $"1 h{_random.Next(Hosts)}");
        Records[$"{name}.spf.test"] = record;
    }

    // The names of a client of each family: some lead back to it.
    private void AddNames(int client)
    {
        string name = $"d{_random.Next(Policies)}";
        switch (_random.Next(4))
        {
            case 0:
                Line($"n{client}", "A", $"192.0.2.{client}");
                Line($"n{client}", "AAAA", $"2001:db8::{client:x}");
                name = $"n{client}";
                break;
            case 1:
                Line($"mail.{name}", "A", $"192.0.2.{client}");
                Line($"mail.{name}", "AAAA", $"2001:db8::{client:x}");
                name = $"mail.{name}";
                break;
            case 2:
                return;
        }

        _reverse4.Append(CultureInfo.InvariantCulture, $"{client} PTR {name}.spf.test.\n");
        string nibbles = string.Join('.', $"{client:x24}".Reverse());
        _reverse6.Append(CultureInfo.InvariantCulture, $"{nibbles} PTR {name}.spf.test.\n");
    }

    private string Term()
    {
        string qualifier = Pick("", "", "", "+", "-", "~", "?");
        return qualifier + _random.Next(14) switch
        {
            0 => "a" + Prefixes(),
            1 or 2 => $"a:{Target("h", Hosts)}{Prefixes()}",
            3 => "mx" + Prefixes(),
            4 => $"mx:{Pick(Target("m", Exchangers), Target("m", Exchangers), Target("m", Exchangers), "many.spf.test")}{Prefixes()}",
            5 => Pick("ptr", $"ptr:{Target("d", Policies)}", "ptr:spf.test"),
            6 or 7 => $"ip4:{Client4()}{Pick("", "/32", "/31", "/28", "/24", "/0")}",
            8 => $"ip6:{Client6()}{Pick("", "/128", "/126", "/64", "/0")}",
            9 or 10 or 11 => $"include:{Target("d", Policies)}",
            12 => $"exists:{Pick("%{i}", "%{ir}", "%{l}", "%{l1r-}", "%{d1}", "%{h1}", "%{o2r}", "%{v}", "%{p}")}.{Pick("e", "e", "v")}.spf.test",
            _ => _random.Next(10) == 0 ? $"include:{Pick("%{d}", "%{o}", "%{d3}")}" : $"include:{Pick("%{d1}", "%{o1}")}{Pick("", "x")}.{Target("d", Policies)}",
        };
    }

    private string Mistake() => Pick(
        "al", "all:", "a/33", "a//129", "ip4:192.0.2", "ip4:192.0.2.1/33", "ip6:1:2", "include", "include:", "exists:%{z}.spf.test", "a:com", "redirect=", "+x=y", "x=%a", "mx:spf.123", "ip4:192.0.2.01", "ptr/24");

    private string Prefixes() => Pick("", "", "", "/32", "/30", "/24", "//64", "//127", "/28//120");

    private string Target(string kind, int count) => _random.Next(15) == 0 ? $"v{_random.Next(9)}.spf.test" : $"{kind}{_random.Next(count)}.spf.test{(_random.Next(20) == 0 ? "." : "")}";

    private string Client4() => $"192.0.2.{_random.Next(1, 32)}";

    private string Client6() => $"2001:db8::{_random.Next(1, 32):x}";

    private SpfRequest MakeRequest(string domain)
    {
        IPAddress client = IPAddress.Parse(_random.Next(3) == 0 ? Client6() : Client4());
        string sender = _random.Next(12) == 0 ? "" : $"{Pick("user", "strong-bad", "a.b-c", "x_y+z")}@{domain}";
        return SpfRequest.ForMailFrom(client, sender, sender.Length == 0 ? domain : Pick($"h{_random.Next(Hosts)}.spf.test", domain, "client", $"v{_random.Next(9)}.spf.test"));
    }

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    private void Line(string name, string type, string data) => _forward.Append(CultureInfo.InvariantCulture, $"{name} {type} {data}\n");

    // Strings of at most 255 octets, which are joined without a blank.
    private static string Quote(string text) => string.Join(' ', text.Chunk(200).Select(static part => $"\"{new string(part)}\""));
}
