namespace VioActors.Simulation.Cluster;

/// <summary>What happens to the servers of a cluster, drawn from the seed, until it is told to heal them.</summary>
internal sealed class ClusterHarm(SimCluster cluster, ClusterChaos chaos)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private bool _isOver;

    /// <summary>Strikes now and then until <see cref="HealAsync"/>.</summary>
    public async Task RunAsync()
    {
        while (!_isOver)
        {
            await Task.Delay(chaos.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(6)), cluster.Time);
            if (!_isOver) Strike(chaos.Below(cluster.Count));
        }
    }

    /// <summary>Nothing but hand-overs, one after the other, until <see cref="HealAsync"/>.</summary>
    public async Task HandOverAsync()
    {
        while (!_isOver)
        {
            var server = cluster.Any()!;
            server.System.Drain(true);
            await Task.Delay(chaos.Between(Pause, TimeSpan.FromSeconds(1)), cluster.Time);
            server.System.Drain(false);
        }
    }

    /// <summary>No more harm: whoever is dead comes back, whoever is frozen wakes, all clocks are right.</summary>
    public async Task HealAsync()
    {
        _isOver = true;
        (chaos.On, chaos.IsStoreAway) = (false, false);
        for (var server = 0; server < cluster.Count; server++)
        {
            if (cluster[server] is not { } life)
            {
                cluster.Start(server);
                continue;
            }

            life.Gate.Thaw();
            life.Clock.Skew = TimeSpan.Zero;
            life.System.Drain(false);
        }

        await Task.Delay(Pause, cluster.Time);
    }

    private void Strike(int server)
    {
        if (cluster[server] is not { } life)
        {
            cluster.Start(server);
            return;
        }

        switch (chaos.Below(12))
        {
            case 0 or 1:
                chaos.Note("server killed");
                cluster.Kill(server);
                break;
            case 2 or 3 or 4:
                chaos.Note("server frozen");
                _ = FreezeAsync(life);
                break;
            case 5 or 6:
                chaos.Note("server drained");
                life.System.Drain(true);
                break;
            case 7:
                life.System.Drain(false);
                break;
            case 8 when !life.Gate.IsFrozen:
                chaos.Note("server stopped");
                cluster.Stop(server);
                break;
            case 9:
                chaos.Note("store away");
                _ = TakeStoreAsync();
                break;
            case 10 when chaos.Below(2) == 0:
                chaos.Note("store adopted");
                _ = cluster.AdoptAsync();
                break;
            case 11 when chaos.SetsClocks:
                chaos.Note("clock set");
                life.Clock.Skew = chaos.Between(TimeSpan.FromSeconds(-30), TimeSpan.FromSeconds(30));
                break;
        }
    }

    // For less than a lease, and for longer.
    private async Task FreezeAsync(ServerLife life)
    {
        life.Gate.Freeze();
        await Task.Delay(chaos.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)), cluster.Time);
        life.Gate.Thaw();
    }

    private async Task TakeStoreAsync()
    {
        chaos.IsStoreAway = true;
        await Task.Delay(chaos.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9)), cluster.Time);
        chaos.IsStoreAway = false;
    }
}
