using VioActors.Bench.Servers;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Cli;
using VioActors.Daemon.Server;

namespace VioActors.EndToEnd.Postgres;

/// <summary>Server processes over one PostgreSQL: whichever dies or freezes, the others go on.</summary>
public sealed class SeveralServersTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_was_asked_for_the_other_does_when_it_is_killed_and_again_when_that_one_freezes()
    {
        await using var cluster = await StartAsync();
        var created = await cluster.Api(1).ApplyAsync(Astro, dryRun: false, owner: null, Cancel);
        Done(await cluster.EndOfAsync(created.Operation!.Value, 0, Cancel));

        var killed = await cluster.Api(0).MoveAsync(Node, new MoveBody("h2", null), Cancel);
        await cluster.Servers[0].EndAsync(Cancel);
        Done(await cluster.EndOfAsync(killed.Operation, 1, Cancel));
        Assert.Equal("h2", (await cluster.Api(1).NodeAsync(Node, Cancel)).HostName);

        await cluster.StartServerAsync(0, Cancel);
        var frozen = await cluster.Api(1).MoveAsync(Node, new MoveBody("h1", null), Cancel);
        await cluster.Servers[1].SignalAsync("STOP");
        Done(await cluster.EndOfAsync(frozen.Operation, 0, Cancel));
        await cluster.Servers[1].SignalAsync("CONT");
        await cluster.UntilAsync(
            "the thawed server stands by", async () => (await cluster.Api(1).HealthAsync(Cancel)).Serving, Cancel);

        var node = await cluster.Api(1).NodeAsync(Node, Cancel);
        Assert.Equal("h1", node.HostName);
        Assert.Equal(1, cluster.World.RunningCopies(node.Id));
        Assert.Empty(cluster.World.Violations);
        var deleted = await cluster.Api(1).DeleteEnvironmentAsync(Astro.Name, Cancel);
        Done(await cluster.EndOfAsync(deleted.Operation, 1, Cancel));
    }

    [Fact]
    public async Task A_server_of_another_site_is_turned_away()
    {
        var store = await server.NewDatabaseAsync();
        using var first = new OwnDirectory();
        using var second = new OwnDirectory();
        await using (await ServerProcess.StartAsync(first.Options(store), TimeProvider.System, Cancel))
        {
            var missing = await Assert.ThrowsAsync<StartupException>(() =>
                ServerProcess.StartAsync(second.Options(store), TimeProvider.System, Cancel));
            Assert.Contains("Copy site-ca.key", missing.Message, StringComparison.Ordinal);
        }

        using var third = new OwnDirectory();
        await (await ServerProcess.StartAsync(third.Options(null), TimeProvider.System, Cancel)).DisposeAsync();
        var other = await Assert.ThrowsAsync<StartupException>(() =>
            ServerProcess.StartAsync(third.Options(store), TimeProvider.System, Cancel));
        Assert.Contains("Give each site a store of its own", other.Message, StringComparison.Ordinal);
    }

    private static void Done(OperationView ended) => Assert.True(
        ended.Phase == OperationPhase.Done, $"{ended.Kind} ended {ended.Phase} at {ended.Step}: {ended.Failure}");

    private static NodeName Node => new("astro", "n1");

    private static EnvironmentSpec Astro => new()
    {
        Name = "astro",
        Subnet = "10.10.0.0/24",
        Nodes = [new NodeSpec { Name = "n1", Image = "tiny", Host = "h1" }],
    };

    private async Task<ServerCluster> StartAsync() => await ServerCluster.StartAsync(
        await server.NewDatabaseAsync(), servers: 2, hosts: 2, TimeProvider.System, Cancel);

    private sealed class OwnDirectory : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("vio-server-").FullName;

        public ServerOptions Options(string? store) => new()
        {
            Name = "test",
            DataDirectory = Path.Combine(_path, "data"),
            Store = store,
            ApiSocket = Path.Combine(_path, "api.sock"),
            FabricListen = "127.0.0.1:0",
        };

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
