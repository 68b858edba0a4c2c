using System.Diagnostics;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Demo;

namespace VioActors.Daemon.Tests.Demo;

public sealed class ControlTests
{
    [Fact]
    public void Crossed_frames_of_all_ports_are_added_up()
    {
        using var status = JsonDocument.Parse(
            """
            {"counters":{"garbage":9},"environments":[{"ports":[
              {"counters":{"framesCrossed":2,"in":5}},{"counters":{"framesCrossed":3}}]}]}
            """);

        Assert.Equal(5, Step2Isolation.Sum(status.RootElement));
    }

    [Fact]
    public void A_total_counts_once()
    {
        using var status = JsonDocument.Parse("""{"framesCrossed":5,"environments":[{"framesCrossed":5}]}""");

        Assert.Equal(5, Step2Isolation.Sum(status.RootElement));
    }

    [Fact]
    public void A_changed_byte_and_another_disk_must_have_other_checksums()
    {
        var own = GuestFacts.Parse(["VIO disk 20 a", "VIO disk-control 20 b", "VIO disk 40 d"]);
        var other = GuestFacts.Parse(["VIO disk 20 c", "VIO disk 40 d"]);

        Assert.True(MoveControls.DiskSums.Of(own, other).AllDiffer);
        Assert.NotNull(MoveControls.DiskSums.Of(other, own).Missing);
        Assert.False(MoveControls.DiskSums.Of(own, own).AllDiffer);
        Assert.False(
            MoveControls.DiskSums.Of(GuestFacts.Parse(["VIO disk 20 a", "VIO disk-control 20 a"]), other).AllDiffer);
    }

    [Fact]
    public void Only_an_operation_that_was_under_way_has_recovered_from_a_kill()
    {
        var dead = DateTimeOffset.UnixEpoch.AddHours(1);

        Assert.True(Step4ServerKill.Recovered(Ended(dead.AddSeconds(1)), dead));
        Assert.False(Step4ServerKill.Recovered(Ended(dead.AddSeconds(-1)), dead));
        Assert.False(Step4ServerKill.Recovered(Ended(null), dead));
    }

    [Fact]
    public async Task A_second_process_with_the_uuid_is_counted()
    {
        var uuid = Guid.NewGuid().ToString();
        Assert.Equal(0, ProcessTable.CountUuid(uuid));
        using var marker = Process.Start(new ProcessStartInfo("sh", ["-s", "--", "-uuid", uuid])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        })!;
        try
        {
            Assert.Equal(1, ProcessTable.CountUuid(uuid));
        }
        finally
        {
            marker.StandardInput.Close();
            await marker.WaitForExitAsync();
        }

        Assert.Equal(0, ProcessTable.CountUuid(uuid));
    }

    private static OperationView Ended(DateTimeOffset? at) => new()
    {
        Id = new OperationId("op"),
        Kind = OperationKind.Move,
        Environment = new EnvironmentId("env"),
        Subject = "astro/n1",
        Phase = OperationPhase.Done,
        Progress = 1,
        Step = "",
        By = "admin",
        StartedAt = DateTimeOffset.UnixEpoch,
        EndedAt = at,
    };
}
