using System.Net;

namespace SlimtaFast.MailAuth.Tests.Spf.Suite;

/// <summary>One case of the public suite.</summary>
/// <param name="Name">Its section and its name there.</param>
/// <param name="Client">The client's address.</param>
/// <param name="MailFrom">The reverse-path.</param>
/// <param name="Hello">The argument of HELO.</param>
/// <param name="Results">The results that are right.</param>
/// <param name="Explanation">The explanation; null where any is right, <c>DEFAULT</c> for none of the domain's.</param>
/// <param name="Zone">What the DNS holds.</param>
internal sealed record SuiteCase(string Name, IPAddress Client, string MailFrom, string Hello, IReadOnlyList<string> Results, string? Explanation, SuiteZone Zone);
