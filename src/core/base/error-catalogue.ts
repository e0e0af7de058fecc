/**
 * @file Every error that can be shown to a person: code → text with {holes}.
 * A text says what was expected, what came, and what to do next. `docs/errors.md` is generated from this table.
 */
export const errorCatalogue = {
  internal: 'Something went wrong inside Whence: {reason}. The details are in the log; please report them.',
  'call-unknown':
    'The call {name} does not exist. The window and the engine may be of different versions: restart Whence.',
  'call-invalid': 'The call {name} was given something it does not accept: {reason}.',
  'connection-closed': 'The engine stopped while it was answering. It is being started again; try once more.',
  'usage-invalid': '{reason}. Run with --help to see what is accepted.',
  'storage-in-use':
    'Run {runId} may be reading what would be deleted. Wait until it has ended, or cancel it, and try again.',
  'setting-unknown': 'There is no setting called {name}. The settings are: {known}.',
  'setting-invalid': 'The setting {name} cannot be {value}: {reason}.',
  'shortcuts-unreadable':
    'The keyboard shortcuts cannot be read: {reason}. Choose a file that Whence has written under Settings.',
  'project-none-open': 'No project is open. Open one, or create one from a folder of images.',
  'project-not-found': 'There is no Whence project at {path}. Choose a folder whose name ends in .whence.',
  'project-exists': 'There is already a project at {path}. Open it, or choose another name.',
  'project-too-new':
    'The project at {path} was made by a newer Whence (schema {found}; this one knows {known}). Update Whence to open it.',
  'project-damaged':
    'The project at {path} cannot be read: {reason}. Nothing was changed. Restore project.db from a backup.',
  'project-busy': 'The project at {path} is being written by another Whence process. Close that one first.',
  'project-not-writable':
    'The project at {path} cannot be written: {reason}. Make room there or allow writing, or choose another place.',
  'source-not-found': 'There is nothing at {path}. Check that the folder or file exists and can be read.',
  'source-no-images':
    'No images were found in {path}. Expected class folders of PNG, JPEG, WebP, GIF, BMP or TIFF files, a table of labels, or one of the formats in docs/formats.md.',
  'source-layout-impossible':
    '{path} cannot be read as {layout}. It can be read as: {possible}. Choose one of these, or none.',
  'source-archive-invalid':
    'The archive {path} cannot be read: {reason}. Unpack it yourself, or make it again.',
  'source-array-invalid': 'The file {path} cannot be read: {reason}. Write or download it again.',
  'source-column-unknown': 'The table {path} has no column called {column}. It has: {columns}.',
  'source-labels-mismatch':
    'The IDX files do not belong together: {images} holds {imageCount} images, {labels} holds {labelCount} labels.',
  'source-idx-invalid': 'The IDX file {path} cannot be read: {reason}. Fetch or download it again.',
  'source-labels-invalid': 'The label table {path} cannot be read: {reason}. Correct it and import again.',
  'sample-not-found': 'There is no image number {sampleId} in this project.',
  'sample-file-missing':
    'The original of image {sampleId} is no longer at {path}. Put it back, or import the folder again.',
  'issue-not-found':
    'Image {sampleId} is not among the label issues of the newest run. Find label issues again.',
  'issue-rule-unknown': 'There is no rule {rule} for issues of the kind {kind}. Its rules are: {known}.',
  'image-issue-not-found':
    'There is no issue {key} of the kind {kind} any more. Look for image issues again.',
  'sample-file-damaged':
    'The original of image {sampleId} can no longer be read: {reason}. Put back an intact file, or import the folder again.',
  'subset-not-found':
    'There is no subset {subsetId} in this project. whence subset list, or the Subsets screen, shows those that are there.',
  'subset-strategy-unavailable':
    'The strategy {strategy} cannot be used with model {modelId}: {reason}. Choose another strategy or model.',
  'synset-missing':
    'This needs a synset, and the project has none. Distil one from a trained classifier: whence ddm distill.',
  'perturbation-useless': 'Leaving out {name} says nothing: {reason}. Choose other images.',
  'synset-not-found':
    'There is no synset {synsetId} in this project. whence ddm list shows those that are there.',
  'class-not-found': 'This project has no class called {name}. Its classes are: {known}.',
  'label-needed': 'Choose the class that image {sampleId} gets: there is no suggestion for it.',
  'class-name-empty': 'A class needs a name.',
  'tag-not-found': 'This project has no tag {name}. Its tags are: {known}.',
  'tag-name-empty': 'A tag needs a name.',
  'tag-name-taken':
    'There is a tag {name} already. Choose another name, or give that tag to the images of this one and remove this one.',
  'column-not-found': 'This project has no column {name}. Its columns are: {known}.',
  'view-not-found': 'This project has no saved view {name}. Its views are: {known}.',
  'view-name-empty': 'A saved view needs a name.',
  'view-name-taken': 'There is a saved view {name} already. Choose another name, or update that one.',
  'query-invalid':
    'The query cannot be understood at character {character}: {reason}. docs/query.md tells what can be asked.',
  'labels-missing': 'Labelled images are needed, but {reason}.',
  'event-not-standing':
    'Step {eventId} cannot be gone back to: it is no decision or tag, or it was undone. History shows which stand.',
  'snapshot-not-found':
    'There is no snapshot {snapshotId} in this project. whence history snapshots shows those that are there.',
  'snapshot-name-taken': 'There is a snapshot with the name {name} already. Choose another one.',
  'nothing-to-undo': 'There is nothing left to undo.',
  'nothing-to-redo': 'There is nothing left to redo.',
  'run-not-found': 'There is no run {runId} in this project.',
  'run-not-resumable':
    'Run {runId} is {status}; only an interrupted, cancelled or failed run can be resumed.',
  'run-arguments-differ':
    'Run {runId} was started with other arguments: {difference}. Start a new run instead.',
  'run-failed': 'Run {runId} failed. {reason}',
  'run-stopped':
    'Run {runId} was {status} before its end. Go on from there with: whence resume {runId} --project …',
  'run-worker-crashed':
    'The part of Whence that worked on run {runId} crashed: {reason}. What it had stored is kept: resume the run.',
  'run-needs-model': 'This needs a trained model, and the project has none. Train one first.',
  'run-needs-denoiser':
    'This needs a model that makes images, and the project has none. Train one first: whence train --architecture ddpm-tiny.',
  'model-of-other-task':
    'Model {modelId} {found}; this needs one that {wanted}. Choose another model, or train one.',
  'query-not-found': 'There is no query image {queryId} in this project.',
  'queries-missing':
    'There are no query images to ask about: {reason}. Make some with whence sample, or add image files.',
  'group-not-found': 'There is no group {groupId} in this project.',
  'group-emptied':
    'The group {name} would be left without an image, and nothing can be asked of an empty group. Leave it one, or remove the group.',
  'groups-missing':
    'There are no groups of training images to compare: {reason}. Define some: whence groups define --by class.',
  'bundle-unreadable':
    'The bundle at {path} cannot be read: {reason}. Choose the zip that a report was written as.',
  'report-key-needed':
    'The case uses code names, and nobody could tell later whose they are. Say where the key is to be written: --key FILE.json.',
  'report-write-failed':
    'The report cannot be written to {path}: {reason}. Choose another place, or make room there.',
  'report-pdf-needs-window':
    'A PDF is made by the window: open the case in the desktop app and choose PDF, or write HTML (--html FILE) and print it from a browser.',
  'group-in-case':
    'Group {name} is part of the case {caseName}, whose findings name it. Take it out of the case first.',
  'query-in-case':
    'The query image {queryId} is part of the case {caseName}. What a case is about is kept as long as the case: take it out of an open case first.',
  'case-not-found': 'There is no case {caseId} in this project. whence case list shows those that are there.',
  'case-closed':
    'Case {caseId} is closed and takes no changes. Open it again first: whence case close {caseId} --reopen.',
  'case-run-unfit': 'Run {runId} cannot be linked as {check}: {reason}. Choose another run.',
  'exhibit-not-found':
    'Case {caseId} has no exhibit {number}: it was never added, or it was withdrawn. Its number is not given again.',
  'map-not-found':
    'There is no map {mapId} in this project. whence map list, or the Map screen, shows those that are there.',
  'map-needs-images':
    'A map needs at least {least} images whose files are there, and the project has {count}.',
  'group-useless':
    'Group {name} cannot be used with model {modelId}: {reason}. Choose another group or model.',
  'query-file-damaged':
    'The query image {queryId} can no longer be read: {reason}. Remove it and add it again.',
  'method-needs-generated':
    'Query image {queryId} was not made by model {modelId}, and {method} follows how an image was made. Choose another method, or images that this model made.',
  'run-needs-predictions':
    'This needs out-of-sample predictions, and model {modelId} has none. Train with cross-validation.',
  'run-needs-attribution': 'This needs an attribution run for model {modelId}. Run attribution first.',
  'model-not-found': 'There is no model {modelId} in this project.',
  'model-unsupported-op': 'Node {node} uses {op}, which is not supported. Supported operators: {supported}.',
  'model-unsupported':
    'Node {node} uses {op} in a way that is not supported: {reason}. docs/supported-ops.md says what is.',
  'model-shape-mismatch':
    'The model wants {input} of shape {expected}, but it was given {found}. Choose an image size and a batch size that fit.',
  'model-tensor-unsupported':
    'Tensor {name} of the model holds elements of type {elementType}. Expected floating-point numbers, integers of 8 to 64 bits or booleans: convert it, or choose outputs that do not need it.',
  'model-value-unsupported':
    'The {role} {name} of the model is of a kind that cannot be computed with: {kind}. Expected a dense tensor: convert it, or choose outputs that do not need it.',
  'model-external-data':
    'Tensor {name} of the model lies in the file “{location}”, which cannot be used: {reason}. Keep the model and its data files together in one folder.',
  'model-parameter-unsupported':
    'The gradient of one image by a parameter cannot be formed where it passes {op} ({node}). Leave that parameter out, or attribute to the last layers only.',
  'model-mixes-samples':
    'The model’s {op} mixes the images of a batch ({node}), so no image has a gradient of its own. Export the model in evaluation mode, without batch statistics.',
  'model-invalid': 'The model file cannot be used: {reason}.',
  'model-useless': 'Nothing can be done with the model file {path}: {reason}. whence model check says more.',
  'model-choice-invalid': '{reason}. Choose something else and add the model again.',
  'model-classes-mismatch':
    'The model tells {outputs} classes apart, but {given}. Name the class of every output in order, or ask for a new head.',
  'model-classes-unknown':
    'No output of the model is a class of this project. The model has {given}; the project has {known}. Name the class of every output in order.',
  'model-learned-nothing':
    'Model {modelId} has learned none of this project’s images, so there is nothing to attribute to. Fine-tune it here: whence train --from {modelId}.',
  'model-without-checkpoints':
    'Model {modelId} has no checkpoints of its training. Train it again with one checkpoint or more: whence train --checkpoints 5.',
  'model-cannot-start': 'Training cannot start from model {modelId}: {reason}.',
  'label-signal-missing':
    'Labels cannot be ranked by {method} with model {modelId}: its training was not watched, because it was trained elsewhere or by an earlier version. Train it again here, or rank by something else.',
  'attribution-not-found':
    'Run {runId} is no finished attribution of model {modelId}. Take the number of one that is, or none for the newest.',
  'model-cannot-retrain':
    'Model {modelId} cannot be trained again on other images, which this measures by: {reason}. Take a model that was trained here.',
  'artifact-damaged': 'The file {path} is damaged: {reason}. Delete it and run the step again.',
  'artifact-arguments-differ': 'The features in {path} were made with other arguments: {difference}.',
  'export-failed': 'The export to {path} failed: {reason}. Choose another place.',
  'provider-unavailable': '{provider} cannot be used here: {reason} The CPU is used instead.',
  'provider-untrusted':
    '{provider} did not pass its self-test with this model: {reason} The CPU is used instead.',
  'provider-failed':
    '{provider} failed during the run: {reason} The work was done again on the CPU, which is used from here on.',
  'projection-too-large':
    'A {kind} projection of {parameters} parameters to {size} features is too large to be drawn. Choose fewer features, or the fold projection.',
  'gradients-too-long':
    'Whole gradients by {parameters} parameters are too long to be kept (at most {longest}). Choose the fold projection, or fewer parameters.',
  'normalisation-without-gradients':
    'Scores of {method} cannot be divided by lengths of gradients ({normalisation}): the method has none. Choose the normalisation none, or a method with gradients.',
  'representer-not-converged':
    'The last layer could not be fitted again to a minimum within {steps} steps. Raise the relative damping.',
  'memory-exhausted':
    '{what} does not fit in memory, even at a batch of one. Choose a smaller model or image size.',
  'denoiser-needs-class':
    'The model has to be told a class of every image, and one has none: an unlabelled training image, or a query image that was added from a file. Import the model again and say which number stands for no class (--absent-class), or leave such images out.',
  'anchors-missing':
    'Forgotten images cannot be drawn to another class: {reason}. Choose another target (--target softmax).',
  'npy-invalid':
    'The file {path} cannot be read: {reason}. Expected numbers as NumPy writes them with numpy.save: float16, float32 or float64.',
  'schedule-invalid':
    'The noise schedule in {path} cannot be used: {reason}. Expected the scheduler_config.json of diffusers, or JSON with kind (linear, scaled-linear, cosine or given), steps, firstBeta and lastBeta, or betas.',
  'vae-config-invalid':
    'The autoencoder’s configuration in {path} cannot be used: {reason}. Expected the config.json of an AutoencoderKL of diffusers, or give --scaling-factor and --shift-factor instead.',
  'captions-invalid':
    'The captions in {path} cannot be used: {reason}. Expected a table with a header, one column of paths (file_name) as in the imported folder, and one of texts (text or caption).',
  'tokenizer-invalid':
    'The tokenizer in {path} cannot be used: {reason}. Expected the folder of a CLIP tokenizer, with vocab.json and merges.txt, as diffusers keeps it in tokenizer/.',
  'denoiser-diverged':
    'Training diverged in step {step} (the loss is no longer a number). Lower the learning rate (now {learningRate}).',
  'training-diverged':
    'Training diverged in epoch {epoch} (the loss is no longer a number). Lower the learning rate (now {learningRate}).',
  'damping-too-small':
    'The kernel matrix (order {order}) stops being positive definite at row {row}. Raise the relative damping.',
  'curvature-diverged':
    'The recursion for influence diverged in step {step} (damping {damping}, scale {scale}). Raise the relative damping, or take another method (if-cg, if-ekfac).',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCatalogue;
