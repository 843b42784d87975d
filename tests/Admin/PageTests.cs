using System.Net;
using System.Text.RegularExpressions;
using SlimtaFast.Admin.Tests.Fakes;

namespace SlimtaFast.Admin.Tests;

public partial class PageTests
{
    [Fact]
    public async Task Every_file_that_the_page_names_is_there_without_a_token()
    {
        await using AdminClient client = await AdminClient.StartAsync(new AdminOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Token = "secret" });
        var open = new Queue<string>(["/"]);
        var seen = new HashSet<string> { "/" };
        while (open.TryDequeue(out string? path))
        {
            (HttpStatusCode status, string body) = await client.AskAsync(path);
            Assert.True(status == HttpStatusCode.OK, path);
            foreach (Match match in Reference().Matches(body))
            {
                string other = match.Groups["path"].Value.Replace("./", "/page/", StringComparison.Ordinal);
                if (seen.Add(other))
                    open.Enqueue(other);
            }
        }

        Assert.True(seen.Count > 10, string.Join(' ', seen));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.AskAsync("/api/v1/live")).Status);
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync("/api/v1/live", "Authorization: Bearer secret")).Status);
    }

    [Fact]
    public async Task Page_may_do_nothing_but_what_it_has_to()
    {
        await using AdminClient client = await AdminClient.StartAsync();
        using HttpResponseMessage page = await client.SendAsync(HttpMethod.Get, "/");
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        foreach (string part in (string[])["default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'"])
            Assert.Contains(part, policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        foreach (string path in (string[])["/", "/page/main.js", "/api/v1/live", "/health/live", "/nothing"])
        {
            using HttpResponseMessage answer = await client.SendAsync(HttpMethod.Get, path);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
            Assert.Contains("frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Page_has_no_script_or_style_in_it_and_no_outside_address()
    {
        await using AdminClient client = await AdminClient.StartAsync();
        string page = (await client.AskAsync("/")).Body;
        Assert.DoesNotMatch(@"(?i)<style|\sstyle=|\son\w+=|javascript:|https?://|src=""//", page);
        Assert.DoesNotMatch("<script(?![^>]* src=)", page);
        foreach (string script in (string[])["main", "api", "dom", "text", "flow", "hops", "messages", "story", "orders", "token", "news"])
            Assert.DoesNotMatch(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|localStorage|https?://(?!www\.w3\.org/2000/svg)", (await client.AskAsync($"/page/{script}.js")).Body);
    }

    [Fact]
    public async Task File_that_is_known_already_is_not_sent_again()
    {
        await using AdminClient client = await AdminClient.StartAsync();
        using HttpResponseMessage first = await client.SendAsync(HttpMethod.Get, "/page/main.js");
        Assert.Equal("text/javascript", first.Content.Headers.ContentType!.MediaType);
        (HttpStatusCode status, string body) = await client.AskAsync("/page/main.js", "If-None-Match: " + first.Headers.ETag);
        Assert.Equal((HttpStatusCode.NotModified, ""), (status, body));
        Assert.Equal(HttpStatusCode.NotFound, (await client.AskAsync("/page/../AdminListener.cs")).Status);
    }

    [Fact]
    public async Task Link_on_another_page_may_open_it_but_nothing_else_of_another_page_may_ask()
    {
        await using AdminClient client = await AdminClient.StartAsync();
        string[] opens = ["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];
        Assert.Equal(HttpStatusCode.OK, (await client.AskAsync("/", opens)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.AskAsync("/api/v1/live", opens)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.AskAsync("/", [.. opens[..3], "Sec-Fetch-Dest: iframe"])).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.AskAsync("/page/main.js", "Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.AskAsync("/", [.. opens[1..], "Host: attacker.example"])).Status);
    }

    [GeneratedRegex("(?:href|src|from)[= ]\"(?<path>(?:/|\\./)[^\"]*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
