// A whole mail server inside an application on .NET's generic host: mail for the application's own domain ends in its code, everything else that
// its trusted clients send goes out by MX, with retries and bounces. Ctrl-C or SIGTERM stops it gracefully.
//
//   Application Mail:Domain=example.org Mail:Port=2525 Mail:Directory=spool
using Application;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.Configure<MailOptions>(builder.Configuration.GetSection("Mail"));
builder.Services.AddSingleton<Tickets>();
builder.Services.AddHostedService<MailHost>();
await builder.Build().RunAsync();
