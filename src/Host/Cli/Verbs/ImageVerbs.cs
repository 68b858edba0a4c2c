using System.CommandLine;
using Spectre.Console;
using VioActors.Contracts;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio image</c>: what nodes boot.</summary>
internal static class ImageVerbs
{
    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) =>
        CommonOptions.Group("image", "Images that nodes boot.", List(host), Add(host), Remove(host));

    private static Command List(CliHost host) => CliSession.Action(
        new Command("ls", "Lists images."), host, async session =>
        {
            var images = await session.Api.Images.ListAsync(session.Cancel);
            session.Out.Result(images, all => Tables.Of(
                all, ("IMAGE", image => image.Name), ("KERNEL", image => Short(image.Kernel)),
                ("INITRD", image => Short(image.Initrd)),
                ("DISK", image => image.Disk is null ? null : Short(image.Disk)),
                ("COMMAND LINE", image => image.CommandLine)));
            return ExitCode.Done;
        });

    private static Command Add(CliHost host)
    {
        var name = Name(host);
        var kernel = new Option<string>("--kernel")
        {
            Description = "Kernel file.",
            Required = true,
            HelpName = "path",
        };
        var initrd = new Option<string>("--initrd")
        {
            Description = "Initial RAM disk.",
            Required = true,
            HelpName = "path",
        };
        var disk = new Option<string?>("--disk")
        {
            Description = "Base disk; every node gets a private overlay on it.",
            HelpName = "path",
        };
        var format = new Option<string?>("--disk-format")
        {
            Description = "Format of the base disk; stated, never probed.",
        };
        format.AcceptOnlyFromAmong("qcow2", "raw");
        var words = new Option<string>("--cmdline")
        {
            Description = "Kernel command line.",
            DefaultValueFactory = _ => "console=ttyS0",
            HelpName = "words",
        };
        var command = new Command(
            "add", "Uploads an image's files, when the site does not have them, and makes it known.")
        {
            name, kernel, initrd, disk, format, words,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(disk) is null != result.GetValue(format) is null)
                result.AddError("--disk and --disk-format belong together.");
        });
        return CliSession.Action(command, host, async session =>
        {
            var upload = new ImageUpload(session.Api.Images, session.Out.Note);
            var image = await upload.AddAsync(
                new ImageFiles(
                    session.Parse.GetRequiredValue(name), session.Parse.GetRequiredValue(kernel),
                    session.Parse.GetRequiredValue(initrd), session.Parse.GetValue(disk),
                    session.Parse.GetValue(format),
                    session.Parse.GetRequiredValue(words)),
                session.Cancel);
            session.Out.Result(image, added => $"{added.Name} is known to the site.");
            return ExitCode.Done;
        });
    }

    private static Command Remove(CliHost host)
    {
        var name = Name(host);
        var command = new Command("rm", "Forgets an image; running nodes keep theirs.") { name };
        return CliSession.Action(command, host, async session =>
        {
            var removed = session.Parse.GetRequiredValue(name);
            await session.Api.Images.RemoveAsync(removed, session.Cancel);
            session.Out.Result(new { removed }, _ => $"{removed} is no longer known.");
            return ExitCode.Done;
        });
    }

    private static Argument<string> Name(CliHost host) => new("name")
    {
        Description = "Name of the image, unique in the site.",
        CompletionSources = { Completions.Images(host) },
    };

    private static string Short(Blob blob) =>
        $"{blob.Sha256[..Math.Min(12, blob.Sha256.Length)]} {Units.Bytes(blob.Bytes)} {blob.Format}";
}
