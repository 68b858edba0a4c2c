using System.Net;
using System.Net.Sockets;
using VioActors.Daemon.Server;

namespace VioActors.Host.Tests.Server;

/// <summary>Options and the ways a start can fail.</summary>
public sealed class StartTests
{
    [Fact]
    public void The_sample_configuration_is_valid()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "config", "site.json")))
            directory = directory.Parent;
        Assert.NotNull(directory);
        var options = ServerOptions.Load(Path.Combine(directory.FullName, "config", "site.json"));
        Assert.Equal(20, options.HostGraceSeconds);
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var errors = ServerOptionsCheck.Errors(new ServerOptions
        {
            Name = "No Name",
            DataDirectory = "relative",
            FabricListen = "nowhere",
            HostGraceSeconds = -1,
            BlobLimitMiB = 0,
        });
        Assert.Equal(7, errors.Count);
    }

    [Fact]
    public void An_unknown_option_is_an_error_that_names_it()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(
            path, """{ "name": "a", "dataDirectory": "/x", "fabricListen": "[::1]:1", "colour": "red" }""");
        Assert.Contains("colour", Assert.Throws<StartupException>(() => ServerOptions.Load(path))
            .Message, StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public async Task A_second_server_on_the_same_directory_is_refused_and_harms_nothing()
    {
        await using var site = await TestSite.StartAsync();
        var error = await Assert.ThrowsAsync<StartupException>(() => TestSite.StartAsync(options: site.Options));
        Assert.Contains("Another server runs", error.Message, StringComparison.Ordinal);
        using var admin = site.Local();
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("hosts")).StatusCode);
    }

    [Fact]
    public async Task A_port_in_use_gives_one_line_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var options = TestSite.NewOptions() with { FabricListen = taken.LocalEndpoint.ToString()! };
        var error = await Assert.ThrowsAnyAsync<IOException>(() => TestSite.StartAsync(options: options));
        Assert.Contains("choose another port", StartupErrors.Explain(error, options), StringComparison.Ordinal);
        Assert.Equal(1, await ServerProcess.RunAsync(options, CancellationToken.None));
    }

    [Fact]
    public async Task A_store_without_its_key_is_not_served_as_another_site()
    {
        var site = await TestSite.StartAsync();
        var options = await site.StopAsync();
        File.Delete(Path.Combine(options.DataDirectory, "site-ca.key"));
        var error = await Assert.ThrowsAsync<StartupException>(() => TestSite.StartAsync(options: options));
        Assert.Contains("site-ca.key is missing", error.Message, StringComparison.Ordinal);
        Directory.Delete(options.DataDirectory, recursive: true);
    }

    [Fact]
    public async Task A_stop_is_graceful_and_answers_0()
    {
        using var stop = new CancellationTokenSource();
        var options = TestSite.NewOptions();
        var running = ServerProcess.RunAsync(options, stop.Token);
        await Until.TrueAsync(() => File.Exists(options.ApiSocket));
        await stop.CancelAsync();
        Assert.Equal(0, await running.WaitAsync(TestSite.Deadline));
        Assert.False(File.Exists(options.ApiSocket));
    }
}
